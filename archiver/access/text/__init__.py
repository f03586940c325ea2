"""What a search reads in the bytes of a message: its text, that of its attachments, and the numbers in them."""

from archiver.access.text.read import VERSION, Read, read_text

__all__ = ["VERSION", "Read", "read_text"]
