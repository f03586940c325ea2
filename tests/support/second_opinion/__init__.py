"""A second judge of evidence records, deliberately simple: RFC 4998 read once more, sharing nothing with the first.

It believes what it is told to believe (`Believed`), hashes the members itself, and gives one of three words with its
reasons. It reads no BER and only what a record of ours may hold; anything else is FAILED.
"""

from support.second_opinion.believed import Believed
from support.second_opinion.opinion import FAILED, INDETERMINATE, PASSED, Opinion, opinion

__all__ = ["FAILED", "INDETERMINATE", "PASSED", "Believed", "Opinion", "opinion"]
