"""Measurements of the archive against named tools, over the same bytes, on the same machine, in the same run."""
