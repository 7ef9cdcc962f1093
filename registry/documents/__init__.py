"""The public lists, and how they are written."""

from registry.documents.document import Document, Missing, missing
from registry.documents.reports import KINDS, report
from registry.documents.writing import FORMATS, write

__all__ = ["FORMATS", "KINDS", "Document", "Missing", "missing", "report", "write"]
