"""What an attacker does to an exhibit, each told by the step of the page that must find it."""

import re
from collections.abc import Callable, Iterator

from archiver.evidence.cms import open_signed
from archiver.evidence.record.reader import read
from archiver.evidence.timestamp import read_token
from support.page_exhibits import Tree

Bend = Callable[[Tree], Tree]


def flipped(octets: bytes, place: int) -> bytes:
    """One bit of one byte."""
    return octets[:place] + bytes((octets[place] ^ 1,)) + octets[place + 1 :]


def within(octets: bytes, part: bytes, *, at: float = 0.5) -> int:
    """The place of a byte of `part`, which must be in `octets` once."""
    assert octets.count(part) == 1
    return octets.index(part) + int(len(part) * at)


def message(tree: Tree) -> Tree:
    """A byte of a message's text."""
    name = tree.find(r"messages/.*\.eml$")
    return tree.but({name: flipped(tree[name], len(tree[name]) - 20)})


def metadata(tree: Tree) -> Tree:
    """A byte of a message's metadata."""
    name = tree.find(r"metadata/.*\.xml$")
    return tree.but({name: flipped(tree[name], len(tree[name]) // 2)})


def trust(tree: Tree) -> Tree:
    """A byte of a certificate that was collected."""
    name = tree.find(r"volumes/.*/trust/.*\.cer$")
    return tree.but({name: flipped(tree[name], 100)})


def index(tree: Tree) -> Tree:
    """A digit of a digest in the index of a volume."""
    name = tree.find(r"PIndex\.xml\.p7m$")
    place = re.search(rb"SHA-256\"[^>]*>[0-9a-f]{64}<", tree[name])
    assert place
    return tree.but({name: flipped(tree[name], place.end() - 10)})


def seal(tree: Tree) -> Tree:
    """A byte of the signature's value."""
    name = tree.find(r"PIndex\.xml\.p7m$")
    return tree.but({name: flipped(tree[name], within(tree[name], open_signed(tree[name]).signature))})


def token(tree: Tree) -> Tree:
    """A byte of the imprint in the signature's time stamp."""
    name = tree.find(r"PIndex\.xml\.p7m$")
    stamp = open_signed(tree[name]).tokens[0]
    place = within(tree[name], stamp, at=0) + within(stamp, read_token(stamp).imprint)
    return tree.but({name: flipped(tree[name], place)})


def token_signature(tree: Tree) -> Tree:
    """A byte of what the authority signed with."""
    name = tree.find(r"PIndex\.xml\.p7m$")
    stamp = open_signed(tree[name]).tokens[0]
    place = within(tree[name], stamp, at=0) + within(stamp, read_token(stamp).signed.signature)
    return tree.but({name: flipped(tree[name], place)})


def newest(tree: Tree) -> str:
    """The name of the newest evidence record."""
    return max(name for name in tree if re.search(r"evidence/local/\d{6}\.ers$", name))


def record_list(tree: Tree) -> Tree:
    """A byte of a digest in the record's reduced hash tree."""
    name = newest(tree)
    digest = read(tree[name]).chains[0][0].lists[0][0]
    return tree.but({name: flipped(tree[name], tree[name].index(digest) + 5)})


def record_stamp(tree: Tree) -> Tree:
    """A byte of the time in the record's newest token."""
    name = newest(tree)
    stamp = read(tree[name]).chains[-1][-1].token
    time = f"{read_token(stamp).gen_time:%Y%m%d%H%M%S}Z".encode()
    place = within(tree[name], stamp, at=0) + stamp.index(time) + 3
    return tree.but({name: flipped(tree[name], place)})


def record_stamp_ahead(tree: Tree) -> Tree:
    """The record's newest token claims to come from 2095: on an earlier day there is no such renewal."""
    name = newest(tree)
    time = f"{read_token(read(tree[name]).chains[-1][-1].token).gen_time:%Y%m%d%H%M%S}Z".encode()
    place = tree[name].rindex(time)
    return tree.but({name: tree[name][:place] + b"2095" + tree[name][place + 4 :]})


def record_first_stamp(tree: Tree) -> Tree:
    """A byte of the signature of the record's first token."""
    name = newest(tree)
    stamp = read(tree[name]).chains[0][0].token
    place = tree[name].index(read_token(stamp).signed.signature) + 20
    return tree.but({name: flipped(tree[name], place)})


def removed(tree: Tree) -> Tree:
    """A message is gone, and its metadata."""
    name = tree.find(r"messages/.*\.eml$")
    return tree.but({name: None, name.replace("messages/", "metadata/").replace(".eml", ".xml"): None})


def removed_metadata(tree: Tree) -> Tree:
    """What the index promises for a message that is shown."""
    return tree.but({tree.find(r"metadata/.*\.xml$"): None})


def removed_evidence(tree: Tree) -> Tree:
    """All records."""
    return tree.but({name: None for name in tree if name.endswith(".ers")})


def swapped(tree: Tree) -> Tree:
    """Two messages change places."""
    one, two = sorted(name for name in tree if "/messages/" in name)[:2]
    return tree.but({one: tree[two], two: tree[one]})


def added(tree: Tree) -> Tree:
    """A message more, called by its own digest."""
    import hashlib

    forged = b"From: x@y.example\r\nSubject: mai inviato\r\n\r\nfalso\r\n"
    folder = tree.find(r"messages/.*\.eml$").rpartition("/")[0]
    return tree.but({f"{folder}/{hashlib.sha256(forged).hexdigest()}.eml": forged})


DEEP: dict[str, tuple[Bend, str, str]] = {
    "a byte of a message": (message, "pindex", "DIGEST"),
    "a byte of a message, for the record": (message, "evidence", "EVIDENCE_MEMBER"),
    "a byte of metadata": (metadata, "pindex", "DIGEST"),
    "a byte of a certificate": (trust, "pindex", "DIGEST"),
    "a digit in the index": (index, "pindex", "CMS_DIGEST"),
    "a digit in the index, for the record": (index, "evidence", "EVIDENCE_MEMBER"),
    "a byte of the seal": (seal, "pindex", "CMS_SIGNATURE"),
    "a byte of the seal, for its time stamp": (seal, "timestamp", "TOKEN_IMPRINT"),
    "a byte of the token": (token, "timestamp", "TOKEN_IMPRINT"),
    "a byte of the token's signature": (token_signature, "timestamp", "CMS_SIGNATURE"),
    "a digest in the record": (record_list, "evidence", "TOKEN_IMPRINT"),
    "the time in the record's token": (record_stamp, "evidence", "CMS_DIGEST"),
    "a year ahead in the record's newest token": (record_stamp_ahead, "evidence", "CMS_DIGEST"),
    "the signature of the record's first token": (record_first_stamp, "evidence", "CMS_SIGNATURE"),
    "a message removed": (removed, "shown", "EXHIBIT_TOLD_DIFFERS"),
    "metadata removed": (removed_metadata, "pindex", "MISSING"),
    "the evidence removed": (removed_evidence, "evidence", "EVIDENCE_ABSENT"),
    "two messages swapped": (swapped, "pindex", "DIGEST"),
    "a message added": (added, "pindex", "UNLISTED"),
}
"""By an attacker who makes all manifests and the exhibit's own index anew: the step that finds it, and what it says."""


def bent(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """All of them, manifests and index made anew."""
    return ((name, bend(tree).unsigned()) for name, (bend, _, _) in DEEP.items())
