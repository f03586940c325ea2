"""Every reader of octets that come from outside, with the errors that it promises. Anything else is a bug.

A target takes octets and returns, whatever they are.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from io import BytesIO

from archiver.chain import Material, validate
from archiver.errors import Malformed
from archiver.evidence.algorithms import CATALOGUE
from archiver.evidence.cms import faults, open_signed
from archiver.evidence.completion import completed
from archiver.evidence.policy import NOBODY, Policy
from archiver.evidence.record import renewal
from archiver.evidence.record.judge import judge as judge_record
from archiver.evidence.signature import judge_seal
from archiver.evidence.timestamp import judge_token, read_token, token_of
from archiver.evidence.unsigned import with_timestamp
from archiver.package.segment import reader as segment
from archiver.pec import breve, daticert, message, original, segnatura
from archiver.pec.providers import Providers
from archiver.pec.readable import Tally
from archiver.pec.readable.identity import identify
from fuzzing.known import AT, Known, known

Target = Callable[[bytes], object]


def evidence_record(octets: bytes) -> None:
    """A record is judged; a bad one is a verdict, never an error; nobody is believed: paths have targets."""
    members = {"messages/0.eml": {"sha512": b"x", "sha3_512": b"x", "sha256": b"x"}}
    judge_record(octets, NOBODY, members=members, partial=True, at=AT, subject="000001.ers")


def renewals(octets: bytes) -> None:
    """What grows a record."""
    with suppress(Malformed):
        renewal.timestamp_leaf(octets)
        renewal.rehashed_group(octets, [b"x" * 64], "sha3_512")
        renewal.complete(octets, certificates=_known().certificates, crls=_known().crls)
        renewal.restamped(octets, (), _known().token)


def cms(octets: bytes) -> None:
    """A SignedData of any kind."""
    with suppress(Malformed):
        signed = open_signed(octets, _known().certificates)
        list(faults(signed, expected_type="data", subject="x"))


def token(octets: bytes) -> None:
    """A timestamp token, read, judged and completed."""
    with suppress(Malformed):
        judge_token(read_token(octets), _policy(), algorithm="sha512", data_digest=b"x", at=AT, subject="x")
    with suppress(Malformed):
        completed(octets, certificates=_known().certificates, crls=_known().crls)


def reply(octets: bytes) -> None:
    """What an authority answers."""
    with suppress(Malformed):
        token_of(octets, algorithm="sha512", imprint=b"x" * 64, nonce=7, at=AT)


def seal(octets: bytes) -> None:
    """A sealed index; a bad one is a verdict. And a timestamp is added to it."""
    judge_seal(octets, _policy(), at=AT, subject="PIndex.xml.p7m")
    with suppress(Malformed):
        with_timestamp(octets, _known().token)


def certificate(octets: bytes) -> None:
    """As the one judged, as one above it, as an anchor."""
    material = Material(_known().anchors, _known().certificates, _known().crls)
    validate(octets, material, at=AT, require_revocation=True, subject="x")
    for changed in (material.plus(certificates=[octets]), Material((octets,), (octets,), _known().crls)):
        validate(_known().certificates[-1], changed, at=AT, require_revocation=True, subject="x")


def crl(octets: bytes) -> None:
    """A list beside a path."""
    material = Material(_known().anchors, _known().certificates, (octets,))
    validate(_known().certificates[-1], material, at=AT, require_revocation=True, subject="x")


def ocsp(octets: bytes) -> None:
    """An OCSP response beside a path."""
    material = Material(_known().anchors, _known().certificates, (), (octets,))
    validate(_known().certificates[-1], material, at=AT, require_revocation=True, subject="x")


def catalogue(octets: bytes) -> None:
    """An operator's table of algorithms."""
    with suppress(Malformed):
        CATALOGUE.stricter(octets)


def segment_zip(octets: bytes) -> None:
    """A segment, its directory and its entries."""
    with suppress(Malformed):
        for member in segment.members(BytesIO(octets), prefix="messages/", suffix=".eml"):
            member.read()


def certification(octets: bytes) -> None:
    """daticert.xml and segnatura.xml; what can be read goes through the catalog's JSON unchanged."""
    read, _ = daticert.read(octets, "x")
    if read is not None and daticert.from_json(daticert.to_json(read)) != read:
        raise AssertionError("daticert changed on its way through JSON")
    segnatura.read(octets)


def mail(octets: bytes) -> None:
    """A message of any kind, the original in it, and a breve receipt compared with a sent copy."""
    own = frozenset({"studio@pec.example.it"})
    message.read(octets, own=own, providers=_providers(), proof=AT, received=datetime(2026, 1, 1, tzinfo=UTC))
    original.read(octets)
    breve.check(octets, breve.read_sent(octets))


def opened(octets: bytes) -> None:
    """A message, opened and counted; and a file, identified."""
    Tally().add(octets)
    identify(octets, room=1 << 20)


TARGETS: dict[str, Target] = {
    "record": evidence_record,
    "renewal": renewals,
    "cms": cms,
    "token": token,
    "reply": reply,
    "seal": seal,
    "certificate": certificate,
    "crl": crl,
    "ocsp": ocsp,
    "catalogue": catalogue,
    "segment": segment_zip,
    "daticert": certification,
    "mail": mail,
    "readable": opened,
}
IN_DER = frozenset({"record", "renewal", "cms", "token", "reply", "seal", "certificate", "crl", "ocsp"})
"""Those whose octets are DER, which is better changed value by value."""


@cache
def _known() -> Known:
    return known()


@cache
def _policy() -> Policy:
    return Policy(Material(_known().anchors, _known().certificates, _known().crls))


@cache
def _providers() -> Providers:
    return Providers(_known().anchors)
