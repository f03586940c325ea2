"""Whether a message can still be read, and what it carries: readings 40, the other half of the five-year duty.

A message is opened as a reader would open it: headers decoded, MIME structure followed, texts decoded, attachments
identified by content (never by name or by what they are declared to be). What comes out is a count against a dated
table of formats, and findings about what did not open. It is no verdict: an attachment that nobody can read any more
was archived as it came.
"""

from archiver.pec.readable.look import Attachment, Look, look
from archiver.pec.readable.tally import Tally

__all__ = ["Attachment", "Look", "Tally", "look"]
