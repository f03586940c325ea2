"""Segments: ZIP files of stored entries, with one encoding and no other."""
