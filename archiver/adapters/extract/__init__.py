"""Text out of formats that need a parser of their own, in a process of its own: what it does to itself stays there."""

from archiver.adapters.extract.pdf import PdfProcess

__all__ = ["PdfProcess"]
