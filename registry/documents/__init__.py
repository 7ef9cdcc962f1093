"""The public lists, and how they are written."""

from registry.documents.document import Document, Missing
from registry.documents.formats import FORMATS, PUBLISHED_FORMATS, missing, write
from registry.documents.reports import KINDS, report

__all__ = ["FORMATS", "KINDS", "PUBLISHED_FORMATS", "Document", "Missing", "missing", "report", "write"]
