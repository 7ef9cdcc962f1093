"""The public lists, and how they are written."""

from registry.documents.document import Document, Missing, missing
from registry.documents.formats import FORMATS, write
from registry.documents.reports import KINDS, report

__all__ = ["FORMATS", "KINDS", "Document", "Missing", "missing", "report", "write"]
