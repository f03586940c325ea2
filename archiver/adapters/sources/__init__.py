"""Messages that somebody hands in as files: folders of .eml, Maildir, mbox. Their history is declared, not observed."""

from archiver.adapters.sources.mbox import Proof, unquoted_candidates
from archiver.adapters.sources.source import FileSource, open_source

__all__ = ["FileSource", "Proof", "open_source", "unquoted_candidates"]
