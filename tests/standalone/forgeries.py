"""The table: every kind of file in an exhibit, every way of changing it, and what a judge must say of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from altered_exhibits import (
    Case,
    Exhibit,
    document,
    encoded,
    flipped,
    inside,
    other_digit,
    restamped,
    retold,
    sealed_by_another,
    stripped,
)
from cryptography.hazmat.primitives.serialization import Encoding
from support.certificates import Authority
from support.quick_tsa import QuickCA, QuickTSA
from support.small import EVENING, ORDINARY

from archiver.digest import sha256
from archiver.evidence.cms import open_signed
from archiver.evidence.record.builder import VERSION, initial, tlv
from archiver.evidence.record.reader import read
from archiver.evidence.timestamp import read_token

Changed = Mapping[str, bytes | None]
YEAR = timedelta(days=365)
OTHER_CA = Authority(name="CA di altri", now=EVENING).certificate.public_bytes(Encoding.DER)
OTHER_TSA = QuickTSA("TSA di altri", EVENING - YEAR, EVENING + 20 * YEAR, ca=QuickCA("CA di altri"))


def message(exhibit: Exhibit, number: int = 0) -> str:
    return exhibit.of("messages")[number]


def record(exhibit: Exhibit, volume: int = 0, number: int = 0) -> str:
    return exhibit.of("evidence", volume)[number]


def token(octets: bytes) -> bytes:
    """The newest token of a record."""
    return read(octets).chains[-1][-1].token


def swapped(exhibit: Exhibit, one: str, other: str) -> Changed:
    return {one: exhibit[other], other: exhibit[one]}


def under_its_name(octets: bytes, folder: str, suffix: str) -> Changed:
    return {f"{folder}/{hashlib.sha256(octets).hexdigest()}{suffix}": octets}


def folder(name: str) -> str:
    return name.rpartition("/")[0]


def altered_message_under_its_true_name(exhibit: Exhibit) -> Changed:
    name = message(exhibit)
    return {name: None, **under_its_name(exhibit[name] + b"!", folder(name), ".eml")}


def by_another_authority(exhibit: Exhibit) -> bytes:
    """The record's first list under a token that anybody can have."""
    lists = read(exhibit[record(exhibit)]).chains[0][0].lists
    one = initial(lists[0], (), OTHER_TSA.stamp("sha512", digest_of(lists[0]), EVENING, 1))
    assert read(one).chains[0][0].lists[0] == tuple(sorted(lists[0]))
    return one


def over_something_else(exhibit: Exhibit) -> bytes:
    """A renewed record whose newest token covers nothing of it."""
    whole = read(exhibit[record(exhibit, 0, 2)])
    *before, last = whole.chains[-1]
    token = OTHER_TSA.stamp(last.algorithm or "sha3_512", b"x" * 64, EVENING + 10 * YEAR, 1)
    chains = [*whole.chains[:-1], (*before, replace(last, octets=tlv(0x30, token)))]
    sequence = tlv(0x30, b"".join(tlv(0x30, b"".join(stamp.octets for stamp in chain)) for chain in chains))
    return tlv(0x30, VERSION + tlv(0x30, whole.announced) + whole.infos + sequence)


def certificate(exhibit: Exhibit) -> bytes:
    found = open_signed(exhibit[exhibit.index()]).certificate
    assert found
    return found


def digest_of(first: tuple[bytes, ...]) -> bytes:
    return hashlib.sha512(b"".join(sorted(first))).digest()


def first_digest(exhibit: Exhibit) -> bytes:
    """The digest of a message as its index writes it."""
    return message(exhibit).rpartition("/")[2][:-4].encode()


def tokens_exchanged(exhibit: Exhibit) -> Changed:
    mine, theirs = exhibit[record(exhibit)], exhibit[record(exhibit, 1)]
    old, new = token(mine), exhibit_token(exhibit)
    assert len(old) == len(new) or theirs
    return {record(exhibit): mine.replace(old, new)} if len(old) == len(new) else {record(exhibit): theirs}


def exhibit_token(exhibit: Exhibit) -> bytes:
    return open_signed(exhibit[exhibit.index()]).tokens[0]


def a_year_ahead(record: bytes) -> bytes:
    """The newest token claims to come from a day that is still to be: whoever asks for an earlier one sets it aside."""
    time = read_token(token(record)).gen_time.strftime("%Y%m%d%H%M%S").encode()
    place = record.rindex(time)
    return record[:place] + b"2095" + record[place + 4 :]


def with_dossier(exhibit: Exhibit, **changed: object) -> Changed:
    return {"data/dossier.json": json.dumps(exhibit.told | changed).encode()}


MESSAGES = (
    Case("message: a byte", lambda x: {message(x): flipped(x[message(x)], 400)}, "EXHIBIT_DIGEST", "raw"),
    Case(
        "message: a byte, bag made again", lambda x: {message(x): flipped(x[message(x)], 400)}, "EXHIBIT_DIGEST", "bag"
    ),
    Case("message: a byte, all made again", lambda x: {message(x): flipped(x[message(x)], 400)}, "EVIDENCE_MEMBER"),
    Case("message: first byte", lambda x: {message(x): flipped(x[message(x)], 0)}, "DIGEST"),
    Case("message: last byte", lambda x: {message(x): flipped(x[message(x)], -1)}, "DIGEST"),
    Case("message: truncated", lambda x: {message(x): x[message(x)][:-7]}, "EVIDENCE_MEMBER"),
    Case("message: emptied", lambda x: {message(x): b""}, "EVIDENCE_MEMBER"),
    Case("message: a byte more", lambda x: {message(x): x[message(x)] + b"\n"}, "EVIDENCE_MEMBER"),
    Case("messages: swapped", lambda x: swapped(x, message(x), message(x, 1)), "EXHIBIT_DIGEST", "bag"),
    Case("messages: swapped, all made again", lambda x: swapped(x, message(x), message(x, 1)), "DIGEST"),
    Case("message: removed", lambda x: {message(x): None}, "EXHIBIT_MISSING", "raw"),
    Case("message: removed, bag made again", lambda x: {message(x): None}, "EXHIBIT_TOLD_DIFFERS", "bag"),
    Case(
        "message: a foreign one",
        lambda x: under_its_name(b"From: x\r\n\r\n", folder(message(x)), ".eml"),
        "EXHIBIT_UNLISTED",
        "raw",
    ),
    Case(
        "message: a foreign one, all made again",
        lambda x: under_its_name(b"From: x\r\n\r\n", folder(message(x)), ".eml"),
        "UNLISTED",
    ),
    Case("message: altered, under its true name", altered_message_under_its_true_name, "UNLISTED"),
    Case(
        "message: moved to the other volume",
        lambda x: {message(x): None, message(x).replace(x.volumes[0], x.volumes[1]): x[message(x)]},
        "UNLISTED",
    ),
)

METADATA = (
    Case(
        "metadata: a byte",
        lambda x: {x.of("metadata")[0]: flipped(x[x.of("metadata")[0]], 900)},
        "EXHIBIT_DIGEST",
        "raw",
    ),
    Case(
        "metadata: a byte, all made again",
        lambda x: {x.of("metadata")[0]: x[x.of("metadata")[0]].replace(b"</", b" </", 1)},
        "DIGEST",
    ),
    Case("metadata: swapped", lambda x: swapped(x, *x.of("metadata")[:2]), "METADATA_ELSEWHERE"),
    Case("metadata: removed", lambda x: {x.of("metadata")[0]: None}, "MISSING"),
    Case("metadata: emptied", lambda x: {x.of("metadata")[0]: b""}, "METADATA_UNREADABLE"),
    Case(
        "metadata: with a DTD",
        lambda x: {x.of("metadata")[0]: x[x.of("metadata")[0]].replace(b"?>", b"?><!DOCTYPE x []>", 1)},
        "METADATA_UNREADABLE",
    ),
    Case(
        "metadata: of a foreign message",
        lambda x: under_its_name(document(encoded(b"x")), folder(x.of("metadata")[0]), ".xml"),
        "UNLISTED",
    ),
)

INDEXES = (
    Case(
        "index: the signer's certificate",
        lambda x: {x.index(): inside(x[x.index()], certificate(x), -2)},
        "CMS_REFERENCE",
    ),
    Case("index: a digest in it", lambda x: {x.index(): inside(x[x.index()], first_digest(x), 3)}, "CMS_DIGEST"),
    Case(
        "index: a byte, bag made again",
        lambda x: {x.index(): inside(x[x.index()], first_digest(x), 3)},
        "EXHIBIT_DIGEST",
        "bag",
    ),
    Case("index: its markup", lambda x: {x.index(): inside(x[x.index()], b"<sincro:PVolume>", 1)}, "INDEX_UNREADABLE"),
    Case(
        "index: its signature",
        lambda x: {x.index(): inside(x[x.index()], open_signed(x[x.index()]).signature, 20)},
        "CMS_SIGNATURE",
    ),
    Case("index: truncated", lambda x: {x.index(): x[x.index()][:-9]}, "INDEX_UNREADABLE"),
    Case("index: emptied", lambda x: {x.index(): b""}, "SEAL_UNREADABLE"),
    Case("index: that of another volume", lambda x: {x.index(): x[x.index(1)]}, "INDEX_ELSEWHERE"),
    Case("index: removed", lambda x: {x.index(): None}, "MISSING"),
    Case("index: its time stamp taken off", lambda x: {x.index(): stripped(x[x.index()])}, "SEAL_STRIPPED"),
    Case(
        "index: the time stamp of another",
        lambda x: {x.index(): restamped(x[x.index()], x[x.index(1)])},
        "TOKEN_IMPRINT",
    ),
    Case(
        "index: a byte of the time stamp",
        lambda x: {x.index(): inside(x[x.index()], open_signed(exhibit_token(x)).signature, 9)},
        "CMS_SIGNATURE",
    ),
)

RECORDS = (
    Case(
        "record: the token's signature",
        lambda x: {record(x): inside(x[record(x)], open_signed(token(x[record(x)])).signature, 12)},
        "CMS_SIGNATURE",
    ),
    Case("record: the token's time", lambda x: {record(x): inside(x[record(x)], b"20260220", 7)}, "CMS_DIGEST"),
    Case(
        "record: the token's imprint",
        lambda x: {record(x): inside(x[record(x)], read(x[record(x)]).chains[0][0].lists[-1][0], 5)},
        "TOKEN_IMPRINT",
    ),
    Case(
        "record: a member's digest",
        lambda x: {record(x): inside(x[record(x)], hashlib.sha512(x[message(x)]).digest(), 0)},
        "EVIDENCE_MEMBER",
    ),
    Case("record: truncated", lambda x: {record(x): x[record(x)][:-5]}, "EVIDENCE_UNREADABLE"),
    Case("record: emptied", lambda x: {record(x): b""}, "EVIDENCE_UNREADABLE"),
    Case("record: a byte behind it", lambda x: {record(x): x[record(x)] + b"\0"}, "EVIDENCE_UNREADABLE"),
    Case("record: removed", lambda x: {record(x): None}, "EVIDENCE_ABSENT"),
    Case("record: removed, nothing made again", lambda x: {record(x): None}, "EXHIBIT_MISSING", "raw"),
    Case("record: that of another volume", lambda x: {record(x): x[record(x, 1)]}, "EVIDENCE_MEMBER"),
    Case("records: exchanged", lambda x: swapped(x, record(x), record(x, 1)), "EVIDENCE_MEMBER"),
    Case(
        "record: called the second",
        lambda x: {record(x): None, record(x).replace("000001", "000002"): x[record(x)]},
        "MISSING",
    ),
    Case(
        "record: a copy as another authority's",
        lambda x: {record(x).replace("/evidence/", "/evidence/z"): x[record(x)]},
        "EVIDENCE_COPIED",
    ),
    Case("record: the token of the seal", tokens_exchanged, "TOKEN_IMPRINT|EVIDENCE_MEMBER|EVIDENCE_UNREADABLE"),
)

TRUST = (
    Case("trust: a byte", lambda x: {x.of("trust")[0]: flipped(x[x.of("trust")[0]], 90)}, "DIGEST"),
    Case("trust: removed", lambda x: {x.of("trust")[0]: None}, "MISSING"),
    Case(
        "anchor: a byte",
        lambda x: {x.below("anchors/tsa/")[0]: flipped(x[x.below("anchors/tsa/")[0]], -3)},
        "EXHIBIT_NAMED_OTHERWISE",
    ),
    Case(
        "anchors: those of somebody else",
        lambda x: {**dict.fromkeys(x.below("data/anchors/")), **under_its_name(OTHER_CA, "data/anchors/tsa", ".cer")},
        "CHAIN_NOT_FOUND",
    ),
    Case(
        "record: of another authority, over the same files",
        lambda x: {record(x): by_another_authority(x)},
        "CHAIN_NOT_FOUND",
    ),
    Case(
        "index: sealed by somebody else",
        lambda x: {x.index(): sealed_by_another(open_signed(x[x.index()]).content or b"")},
        "CHAIN_NOT_FOUND",
    ),
    Case("PdD: sealed by somebody else, all made again", lambda x: {message(x): None}, "CHAIN_NOT_FOUND", "seal"),
    Case(
        "anchors: all called the providers'",
        lambda x: {
            **dict.fromkeys(x.below("data/anchors/")),
            **{name.replace("/tsa/", "/providers/"): x[name] for name in x.below("data/anchors/tsa/")},
        },
        "ANCHOR_ABSENT",
    ),
    Case(
        "anchors: the signer's own certificate instead",
        lambda x: {
            **dict.fromkeys(x.below("data/anchors/")),
            **under_its_name(certificate(x), "data/anchors/seal", ".cer"),
        },
        "ANCHOR_ABSENT",
    ),
    Case("anchors: removed", lambda x: dict.fromkeys(x.below("data/anchors/")), "ANCHOR_ABSENT"),
)

TOLD = (
    Case("dossier.json: a word", lambda x: with_dossier(x, reason="altro"), "EXHIBIT_DIGEST", "raw"),
    Case("dossier.json: a word, bag made again", lambda x: with_dossier(x, reason="altro"), "EXHIBIT_ELSEWHERE", "bag"),
    Case("dossier.json: no JSON", lambda x: {"data/dossier.json": b"{"}, "EXHIBIT_DOSSIER", "bag"),
    Case("dossier.json: removed", lambda x: {"data/dossier.json": None}, "EXHIBIT_DOSSIER", "bag"),
    Case(
        "dossier.json: a message less",
        lambda x: {"data/dossier.json": retold(x.but({message(x): None}))},
        "EXHIBIT_TOLD_DIFFERS",
        "bag",
    ),
    Case(
        "dossier.json: another holder", lambda x: with_dossier(x, holder={"id": "h-altri"}), "EXHIBIT_ELSEWHERE", "list"
    ),
    Case("dossier.json: not sealed", lambda x: with_dossier(x, sealed=False), "EXHIBIT_SEAL", "bag"),
)

PDD = (
    Case(
        "PdD: a byte of the signature",
        lambda x: {"PdD.xml.p7m": inside(x["PdD.xml.p7m"], open_signed(x["PdD.xml.p7m"]).signature, 9)},
        "CMS_SIGNATURE",
        "bag",
    ),
    Case(
        "PdD: a digest in it",
        lambda x: {"PdD.xml.p7m": other_digit(x["PdD.xml.p7m"], sha256(x["LEGGIMI.txt"]))},
        "CMS_DIGEST",
        "bag",
    ),
    Case(
        "PdD: the time stamp taken off", lambda x: {"PdD.xml.p7m": stripped(x["PdD.xml.p7m"])}, "SEAL_STRIPPED", "bag"
    ),
    Case("PdD: removed", lambda x: {"PdD.xml.p7m": None}, "EXHIBIT_INDEX_ABSENT", "bag"),
    Case("PdD: emptied", lambda x: {"PdD.xml.p7m": b""}, "EXHIBIT_INDEX_UNREADABLE", "bag"),
    Case(
        "PdD: without its signature",
        lambda x: {"PdD.xml.p7m": None, "PdD.xml": open_signed(x["PdD.xml.p7m"]).content},
        "EXHIBIT_SEAL",
        "bag",
    ),
    Case("PdD: twice", lambda x: {"PdD.xml": open_signed(x["PdD.xml.p7m"]).content}, "EXHIBIT_INDEX_TWICE", "bag"),
    Case(
        "PdD: a volume's index",
        lambda x: {"PdD.xml.p7m": x[x.index()]},
        "EXHIBIT_INDEX_UNREADABLE|EXHIBIT_ELSEWHERE",
        "bag",
    ),
)

FRAME = (
    Case("LEGGIMI: a word", lambda x: {"LEGGIMI.txt": x["LEGGIMI.txt"] + b"!"}, "EXHIBIT_DIGEST", "raw"),
    Case(
        "LEGGIMI: a word, bag made again", lambda x: {"LEGGIMI.txt": x["LEGGIMI.txt"] + b"!"}, "EXHIBIT_DIGEST", "bag"
    ),
    Case("a file more", lambda x: {"data/autorun.inf": b"x"}, "EXHIBIT_STRANGER", "bag"),
    Case("a page more", lambda x: {"altro.html": b"x"}, "EXHIBIT_STRANGER", "list"),
    Case("bagit.txt: another version", lambda x: {"bagit.txt": b"BagIt-Version: 0.9\n"}, "EXHIBIT_MANIFEST", "bag"),
    Case("bagit.txt: removed", lambda x: {"bagit.txt": None}, "EXHIBIT_MANIFEST", "bag"),
    Case("manifest: removed", lambda x: {"manifest-sha512.txt": None}, "EXHIBIT_MANIFEST", "raw"),
    Case(
        "manifest: a line less",
        lambda x: {"manifest-sha256.txt": x["manifest-sha256.txt"].split(b"\n", 1)[1]},
        "EXHIBIT_UNLISTED",
        "raw",
    ),
    Case(
        "manifest: a line twice",
        lambda x: {"manifest-sha256.txt": x["manifest-sha256.txt"] + x["manifest-sha256.txt"].split(b"\n")[0] + b"\n"},
        "EXHIBIT_MANIFEST",
        "raw",
    ),
    Case("bag-info.txt: other figures", lambda x: {"bag-info.txt": b"Payload-Oxum: 1.1\n"}, "EXHIBIT_OXUM", "raw"),
)

FULL = (
    Case("rapporto: a byte", lambda x: {rapporto(x): flipped(x[rapporto(x)], -40)}, "DIGEST", of="full"),
    Case(
        "rapporto: a digest in it",
        lambda x: {rapporto(x): inside(x[rapporto(x)], b'sha512="', 9)},
        "RDV_UNREADABLE|RDV_DIFFERS|DIGEST",
        of="full",
    ),
    Case("rapporto: its record removed", lambda x: dict.fromkeys(x.below("/pdv/", ".ers")), "MISSING", of="full"),
    Case(
        "rapporto: its record emptied", lambda x: {x.below("/pdv/", ".ers")[0]: b""}, "EVIDENCE_UNREADABLE", of="full"
    ),
    Case(
        "rapporto: one of the two removed",
        lambda x: dict.fromkeys(x.below(rapporto(x)[: -len(".xml")])),
        "RDV_SILENT",
        of="full",
    ),
)

RENEWED = (
    Case(
        "renewed: a last time stamp over something else",
        lambda x: {record(x, 0, 2): over_something_else(x)},
        "EVIDENCE_LINK",
        of="renewed",
    ),
    Case("renewed: the first record only", lambda x: dict.fromkeys(later(x)), "TOKEN_RENEWAL_OVERDUE", of="renewed"),
    Case("renewed: a record in the middle removed", lambda x: {record(x, 0, 1): None}, "MISSING", of="renewed"),
    Case(
        "renewed: the first record altered",
        lambda x: {record(x): inside(x[record(x)], open_signed(token(x[record(x)])).signature, 12)},
        "EVIDENCE_NOT_CONTINUED",
        of="renewed",
    ),
    Case(
        "renewed: the newest is the oldest",
        lambda x: {record(x, 0, 2): x[record(x)]},
        "EVIDENCE_NOT_CONTINUED",
        of="renewed",
    ),
    Case(
        "renewed: the link of the second chain",
        lambda x: {record(x, 0, 2): inside(x[record(x, 0, 2)], read(x[record(x, 0, 2)]).chains[1][0].lists[0][0], 3)},
        "TOKEN_IMPRINT",
        of="renewed",
    ),
    Case(
        "renewed: the first token in the last record",
        lambda x: {
            record(x, 0, 2): inside(
                x[record(x, 0, 2)], open_signed(read(x[record(x, 0, 2)]).chains[0][0].token).signature, 3
            )
        },
        "CMS_SIGNATURE",
        of="renewed",
    ),
    Case(
        "renewed: a year ahead in the newest token",
        lambda x: {record(x, 0, 2): a_year_ahead(x[record(x, 0, 2)])},
        "CMS_DIGEST",
        of="renewed",
    ),
    Case("renewed: a message", lambda x: {message(x): flipped(x[message(x)], 9)}, "EVIDENCE_MEMBER", of="renewed"),
)

PENDING = (
    Case("pending: a byte", lambda x: {waiting(x): flipped(x[waiting(x)], 9)}, "EXHIBIT_NAMED_OTHERWISE", of="pending"),
    Case(
        "pending: a byte, with its rapporto",
        lambda x: {waiting(x): flipped(x[waiting(x)], 9)},
        "RDV_DIFFERS",
        of="waiting",
    ),
    Case(
        "pending: its record emptied",
        lambda x: {x.below("pending/pdv/", ".ers")[0]: b""},
        "EVIDENCE_UNREADABLE",
        of="waiting",
    ),
    Case(
        "pending: its record removed",
        lambda x: dict.fromkeys(x.below("pending/pdv/", ".ers")),
        "EXHIBIT_PENDING",
        of="waiting",
    ),
    Case(
        "pending: its rapporto removed",
        lambda x: dict.fromkeys(x.below("pending/pdv/")),
        "EXHIBIT_PENDING",
        of="waiting",
    ),
    Case(
        "pending: another message",
        lambda x: {waiting(x): None, **under_its_name(ORDINARY, "data/pending/messages", ".eml")},
        "EXHIBIT_PENDING",
        of="waiting",
    ),
)


DISCARDED = (
    Case(
        "discard: a byte of its record",
        lambda x: {discard(x): inside(x[discard(x)], open_signed(x[discard(x)]).signature, 9)},
        "CMS_SIGNATURE",
        of="discarded",
    ),
    Case(
        "discard: its record emptied", lambda x: {discard(x): b""}, "SEAL_UNREADABLE|DISCARD_UNREADABLE", of="discarded"
    ),
    Case(
        "discard: called otherwise",
        lambda x: {
            **dict.fromkeys(x.below("/discards/")),
            **{name.replace("/discards/", "/discards/x"): x[name] for name in x.below("/discards/")},
        },
        "DISCARD_ELSEWHERE",
        of="discarded",
    ),
    Case(
        "discard: a message that is left", lambda x: {message(x): flipped(x[message(x)], 9)}, "DIGEST", of="discarded"
    ),
    Case(
        "discard: a message comes back",
        lambda x: under_its_name(b"From: x\r\n\r\n", folder(message(x)), ".eml"),
        "UNLISTED",
        of="discarded",
    ),
)

EXPORTED = (
    Case("export: a message", lambda x: {message(x): flipped(x[message(x)], 9)}, "EVIDENCE_MEMBER", of="export"),
    Case("export: a message removed", lambda x: {message(x): None}, "EXHIBIT_MISSING", "raw", of="export"),
    Case(
        "export: a message more",
        lambda x: under_its_name(b"From: x\r\n\r\n", folder(message(x)), ".eml"),
        "UNLISTED",
        of="export",
    ),
    Case("export: its record", lambda x: {record(x): x[record(x, 1)]}, "EVIDENCE_MEMBER", of="export"),
    Case("export: a rapporto", lambda x: {rapporto(x): flipped(x[rapporto(x)], -40)}, "DIGEST", of="export"),
    Case(
        "export: a volume less", lambda x: dict.fromkeys(x.below(x.volumes[0])), "EXHIBIT_MISSING", "bag", of="export"
    ),
    Case("export: another word", lambda x: with_dossier(x, reason="altro"), "EXHIBIT_ELSEWHERE", "bag", of="export"),
)


def discard(exhibit: Exhibit) -> str:
    return next(name for name in exhibit.below("/discards/") if not name.endswith(".ers"))


def rapporto(exhibit: Exhibit) -> str:
    return exhibit.below("/pdv/", ".xml")[0]


def later(exhibit: Exhibit) -> list[str]:
    return [name for name in exhibit.below("/evidence/") if not name.endswith("000001.ers")]


def waiting(exhibit: Exhibit) -> str:
    return exhibit.below("data/pending/messages/")[0]


CASES = (
    *MESSAGES,
    *METADATA,
    *INDEXES,
    *RECORDS,
    *TRUST,
    *TOLD,
    *PDD,
    *FRAME,
    *FULL,
    *RENEWED,
    *PENDING,
    *DISCARDED,
    *EXPORTED,
)
