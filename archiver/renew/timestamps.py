"""Timestamp renewal: all tokens that are due under one new one (RFC 4998, 5.2). No file of the archive is read."""

from archiver.errors import Malformed
from archiver.evidence.hashtree import Tree
from archiver.evidence.record import renewal
from archiver.evidence.record.tokens import Tokens
from archiver.renew.due import Lists
from archiver.renew.grow import Growing
from archiver.renew.tokens import Ready, asked, prepared, promise, worth
from archiver.renew.values import Due
from archiver.stamping import Line
from archiver.submission.rows import EvidenceRow


def restamp(dues: list[Due], algorithm: str, line: Line, growing: Growing, lists: Lists) -> None:
    """One tree over the tokens of `dues`, one token; every record on them grows by one ArchiveTimeStamp.

    Raises Unavailable or ConfigError when no authority of the line gives a token.
    """
    waited = [item for item in dues if any(growing.records(item))]
    left = [(item, done) for item in waited if (done := prepared(item, growing, lists))]
    promised = promise(line, growing) if left else None
    waiting = [(item, done) for item, done in left if worth(item, promised, growing)]
    if not waiting:
        return
    tree = Tree.build([done.leaf for _, done in waiting], algorithm)
    token = asked(algorithm, tree.root, line, growing)
    for place, (item, done) in enumerate(waiting):
        growing.tokens = Tokens()  # the next token is another one
        if token.gains(item, growing):
            for row in growing.records(item):
                _grow(row, tree.path(place), token.octets, done, growing)
            growing.flush()


def _grow(row: EvidenceRow, path: tuple[tuple[bytes, ...], ...], token: bytes, done: Ready, growing: Growing) -> None:
    older = growing.before(row, done.policy)
    if older is None:
        return
    try:
        newer = renewal.restamped(done.complete(older), path, token)
    except Malformed as error:
        growing.spoilt(row, str(error))
        return
    growing.put(row, older, newer, done.policy)
