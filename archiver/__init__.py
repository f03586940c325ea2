"""A sistema di conservazione a norma for Italian certified mail (PEC)."""

__version__ = "0.1.0"
