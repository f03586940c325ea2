"""Good octets to begin with: what our own code makes, and real material where it lies beside the repository."""

import base64
import contextlib
import hashlib
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponderEncoding, OCSPResponseBuilder
from simulator.cli import main as pecsim
from support import file_shapes as shapes
from support.quick_tsa import DAY, integer, key, tlv
from support.signed_files import letter

from archiver.evidence.hashtree import Tree, group_hash
from archiver.evidence.record import builder, renewal
from archiver.package.segment.writer import label, write
from fuzzing.known import AT, START, known, tsa

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
MAX = 12_000
"""Larger files make a fuzzer slow."""


def seeds(target: str) -> list[bytes]:
    """For one target, each once, the smallest first."""
    found = (
        *_OURS[target](),
        *(octets for folder, *endings in REAL.get(target, ()) for octets in _found(folder, *endings)),
    )
    return sorted({octets for octets in found if len(octets) <= MAX}, key=lambda octets: (len(octets), octets))


def own(target: str) -> list[bytes]:
    """Only what our own code makes."""
    return sorted(set(_OURS[target]()), key=lambda octets: (len(octets), octets))


REAL: dict[str, tuple[tuple[str, ...], ...]] = {
    "record": (("er", ".ers", ".b64"),),
    "cms": (("pec", ".p7s"),),
    "reply": (("tst", ".tsr"),),
    "seal": (("mail", ".p7s", ".p7m"),),
    "certificate": (("certs", ".pem"), ("tst", ".crt", ".pem")),
    "crl": (("tst", ".crl"), ("er", ".crl")),
    "daticert": (("daticert", ".xml"),),
    "mail": (("pec", ".eml"), ("mail", ".eml", ".msg", ".txt")),
    "readable": (("mail", ".eml", ".p7m", ".pdf", ".tiff"), ("er", ".asice", ".ers"), ("tst", ".tsr")),
}
"""Folders beside the repository, with the endings of what is wanted there."""

OVERLAY = b"""source = "prova, 2026"
[[algorithm]]
name = "sha256"
until = 2031-01-01
"""


def records() -> Iterator[bytes]:
    """A lone member, a group in a tree, and both renewals of it, completed and not."""
    one = tsa()
    lone = hashlib.sha512(b"x").digest()
    yield builder.initial([lone], (), one.stamp("sha512", lone, START))
    group = [hashlib.sha512(b"%d" % number).digest() for number in range(3)]
    tree = Tree.build([group_hash(group), lone])
    first = builder.initial(group, tree.path(0), one.stamp("sha512", tree.root, START))
    yield first
    second = renewal.restamped(first, (), one.stamp("sha512", renewal.timestamp_leaf(first), START + DAY))
    yield second
    full = renewal.complete(second, certificates=known().anchors, crls=known().crls, ocsps=[ocsp()])
    again = renewal.rehashed_group(full, [hashlib.sha3_512(b"%d" % number).digest() for number in range(3)], "sha3_512")
    grown = one.stamp("sha3_512", group_hash(again, "sha3_512"), START + 2 * DAY)
    yield renewal.rehashed(full, again, (), grown, "sha3_512")


def tokens() -> Iterator[bytes]:
    """One of each kind of key."""
    for kind in ("p256", "ed25519", "rsa"):
        yield tsa(kind).stamp("sha512", hashlib.sha512(b"x").digest(), START)


def replies() -> Iterator[bytes]:
    """Granted, and refused."""
    yield tlv(0x30, tlv(0x30, integer(0)), known().token)
    yield tlv(0x30, tlv(0x30, integer(2), tlv(0x30, tlv(0x0C, b"no")), tlv(0x03, b"\x02\x04")))


def ocsp() -> bytes:
    """A good answer about the TSA, from its CA."""
    one = tsa()
    answer = OCSPResponseBuilder().add_response(
        cert=x509.load_der_x509_certificate(one.der),
        issuer=one.ca.certificate,
        algorithm=hashes.SHA256(),
        cert_status=OCSPCertStatus.GOOD,
        this_update=AT,
        next_update=AT + DAY,
        revocation_time=None,
        revocation_reason=None,
    )
    answer = answer.responder_id(OCSPResponderEncoding.HASH, one.ca.certificate)
    return answer.sign(key("p256", one.ca.name), hashes.SHA256()).public_bytes(Encoding.DER)


def segments() -> Iterator[bytes]:
    """Of one message and of three, with a label and without."""
    for count, text in ((1, ""), (3, label("m-prova", "corrispondenza", 2026))):
        sink = io.BytesIO()
        mail = [b"Subject: %d\r\n\r\nciao\r\n" % number for number in range(count)]
        write([(f"messages/{hashlib.sha256(raw).hexdigest()}.eml", raw) for raw in mail], sink, label=text)
        yield sink.getvalue()


def mails() -> Iterator[bytes]:
    """What the simulator sends and receives."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        out = str(Path(folder) / "out")
        pecsim(["--messages", "120", "--size", "60", "--format", "eml", "--out", out])
        for path in sorted(Path(out).rglob("*.eml")):
            yield path.read_bytes()


def daticerts() -> Iterator[bytes]:
    """Cut out of the simulator's mail."""
    for raw in mails():
        for mark in (b"<?xml", b"<postacert"):
            start, end = raw.find(mark), raw.find(b"</postacert>")
            if 0 <= start < end:
                yield raw[start : end + 12]
        for piece in raw.split(b"\r\n\r\n"):
            with contextlib.suppress(ValueError):
                decoded = base64.b64decode(piece.split(b"\r\n--")[0])
                if b"<postacert" in decoded:
                    yield decoded


def files() -> Iterator[bytes]:
    """Files of the formats that are looked into, alone and attached; and the simulator's mail."""
    found = (
        *(shapes.pdf(encrypted=encrypted, stream=encrypted) for encrypted in (False, True)),
        *(shapes.SEVEN_PLAIN, shapes.SEVEN_FILES, shapes.SEVEN_HEADER, shapes.rar4(file=True), shapes.rar5(file=True)),
        *(shapes.word(encrypted=True), shapes.excel(0x86, 0x2F), shapes.office("word"), shapes.ODF_LOCKED),
        *(shapes.SIGNED_PDF, shapes.TOKEN, shapes.enveloped(), shapes.pfx(), shapes.request(), shapes.invoice()),
    )
    yield from found
    yield letter(*((f"{number}.pdf", octets) for number, octets in enumerate(found[:4])))
    yield from mails()


def _found(folder: str, *endings: str) -> Iterator[bytes]:
    """Real material; base64 is decoded, PEM too."""
    for path in sorted((CORPUS / folder).rglob("*")):
        if path.suffix in endings and path.is_file() and path.stat().st_size <= MAX:
            octets = path.read_bytes()
            yield octets
            with contextlib.suppress(ValueError):
                yield base64.b64decode(octets, validate=True)
            for armoured in octets.split(b"-----BEGIN CERTIFICATE-----")[1:]:
                yield base64.b64decode(armoured.split(b"-----END")[0])


_OURS: dict[str, Callable[[], Iterable[bytes]]] = {
    "record": records,
    "renewal": records,
    "cms": tokens,
    "token": tokens,
    "reply": replies,
    "seal": tokens,
    "certificate": lambda: (*known().anchors, *known().certificates),
    "crl": lambda: known().crls,
    "ocsp": lambda: (ocsp(), b""),
    "catalogue": lambda: (OVERLAY,),
    "segment": segments,
    "daticert": daticerts,
    "mail": mails,
    "readable": files,
}
