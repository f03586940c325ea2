"""Evidence records of a volume as decades make them, each step by the archive's own code.

The archive stamps in 2026; an authority of a second name renews in 2030 and 2034, one of a third name in 2035, with a
hash tree of SHA3-512, and in 2040.
"""

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from io import BytesIO
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID
from support.quick_tsa import QuickCA, QuickTSA, key
from support.small import EVENING, HOLDER, Small, two_years

from archiver.adapters import authority
from archiver.compose.material import certificates
from archiver.evidence.hashtree import Tree, group_hash
from archiver.evidence.record import builder, reader, renewal
from archiver.evidence.timestamp import query, token_of
from archiver.package import layout
from archiver.package.layout import Kind

DAY = timedelta(days=1)
FIRST = EVENING
STAMPED_AGAIN = (datetime(2030, 5, 4, 12, tzinfo=UTC), datetime(2034, 5, 4, 12, tzinfo=UTC))
REHASHED = datetime(2035, 3, 1, 12, tzinfo=UTC)
USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
LAST = datetime(2040, 3, 1, 12, tzinfo=UTC)


class Root(QuickCA):
    """An anchor as RFC 5280, 4.2.1 has it: DSS believes no list of a CA whose key usage does not say so."""

    @cached_property
    def certificate(self) -> x509.Certificate:
        """Valid for two centuries."""
        mine = key("p256", self.name)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        usage = dict.fromkeys(USAGES, False) | {"key_cert_sign": True, "crl_sign": True}
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(mine.public_key())
        builder = builder.serial_number(1).not_valid_before(datetime(2000, 1, 1)).not_valid_after(datetime(2200, 1, 1))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(mine.public_key())
        return builder.add_extension(identifier, critical=False).sign(mine, hashes.SHA256())


@dataclass(frozen=True)
class World:
    """A sealed archive, and the authorities that come after its own."""

    small: Small
    second: QuickTSA
    third: QuickTSA

    @classmethod
    def made(cls, folder: Path) -> "World":
        """Twelve messages, two volumes, one token."""
        ca = [Root(f"Radice della {place} autorita") for place in ("seconda", "terza")]
        second = QuickTSA("Seconda", datetime(2029, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC), ca=ca[0])
        third = QuickTSA(
            "Terza", datetime(2034, 6, 1, tzinfo=UTC), datetime(2044, 6, 1, tzinfo=UTC), digest="sha384", ca=ca[1]
        )
        return cls(two_years(folder / "archive"), second, third)

    @cached_property
    def own(self) -> bytes:
        """The anchor of the archive's own seal and tokens, DER."""
        return certificates(self.small.ca)[0]

    @property
    def anchors(self) -> tuple[bytes, ...]:
        """All three, DER."""
        return (self.own, self.second.ca.der, self.third.ca.der)

    def crls(self, at: datetime) -> tuple[bytes, ...]:
        """The lists of that day, one of each anchor."""
        own = authority.crl(self.small.ca.parent, at)
        return (own, self.second.ca.crl({}, at), self.third.ca.crl({}, at))

    def ocsp(self, at: datetime) -> bytes:
        """What the archive's own CA answers that day about its TSA's certificate (RFC 6960)."""
        folder = self.small.ca.parent
        ca, tsa = (x509.load_pem_x509_certificate((folder / name).read_bytes()) for name in ("ca.pem", "tsa.pem"))
        secret = load_pem_private_key((folder / "ca.key").read_bytes(), None)
        builder = ocsp.OCSPResponseBuilder().add_response(
            tsa, ca, hashes.SHA256(), ocsp.OCSPCertStatus.GOOD, at, at + DAY, None, None
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, ca)
        return builder.sign(secret, hashes.SHA256()).public_bytes(Encoding.DER)

    @cached_property
    def record(self) -> bytes:
        """The first record of the volume of 2026."""
        volume = self.small.volumes[1]
        (name,) = (n for n in self.small.files.kind(Kind.VOLUME_RECORD) if f"/{volume}/" in n)
        return self.small.files[name]

    @cached_property
    def seal(self) -> bytes:
        """The sealed index of that volume."""
        return self.small.files[layout.index(HOLDER, self.small.volumes[1])]

    def tokens(self, algorithm: str, imprint: bytes, nonce: int = 1) -> Iterator[bytes]:
        """One token after the other from the archive's own authority, on the evening of its seal."""
        tsa = authority.LocalAuthority(self.small.ca.parent, lambda: FIRST)
        while True:
            reply = tsa.answer(query(algorithm, imprint, nonce))
            yield token_of(reply, algorithm=algorithm, imprint=imprint, nonce=nonce, at=FIRST)

    @cached_property
    def members(self) -> tuple[tuple[str, bytes], ...]:
        """What that record covers: every file of the volume."""
        listed = set(reader.read(self.record).chains[0][0].lists[0])
        found = {hashlib.sha512(octets).digest(): (name, octets) for name, octets in _all_files(self.small)}
        return tuple(sorted(found[digest] for digest in listed))

    @property
    def first(self) -> "Grown":
        """The first record as something that may grow."""
        return Grown(self.record, self.members, FIRST)

    @cached_property
    def once(self) -> "Grown":
        """The same after a timestamp renewal."""
        return restamped(self, self.first, self.second, STAMPED_AGAIN[0])

    @cached_property
    def rapporto(self) -> tuple[str, bytes, bytes]:
        """A rapporto di versamento: its name, its octets, its record."""
        name = self.small.files.kind(Kind.RDV_RECORD)[0]
        listed = reader.read(self.small.files[name]).chains[0][0].lists[0][0]
        found = {hashlib.sha512(self.small.files[rdv]).digest(): rdv for rdv in self.small.files.kind(Kind.RDV)}
        return found[listed], self.small.files[found[listed]], self.small.files[name]


@dataclass(frozen=True)
class Grown:
    """A record, the files that it still covers in whole, and the time of its last token."""

    octets: bytes
    members: tuple[tuple[str, bytes], ...]
    at: datetime
    discarded: tuple[bytes, ...] = ()


def restamped(
    world: World, old: Grown, tsa: QuickTSA, at: datetime, *, alone: bool = False, by_ocsp: bool = False
) -> Grown:
    """Timestamp renewal at `at`, in a tree with four others, or `alone`; the old token completed before.

    `by_ocsp`: with the anchor and an OCSP answer, instead of lists.
    """
    day = at - DAY
    if by_ocsp:
        record = renewal.complete(old.octets, certificates=[world.own], ocsps=[world.ocsp(day)])
    else:
        record = renewal.complete(old.octets, crls=world.crls(day))
    algorithm = renewal.algorithm_of(record)
    tree, place = planted(renewal.timestamp_leaf(record), algorithm, alone=alone)
    grown = renewal.restamped(record, tree.path(place), tsa.stamp(algorithm, tree.root, at))
    return Grown(grown, old.members, at, old.discarded)


def rehashed(
    world: World,
    old: Grown,
    tsa: QuickTSA,
    at: datetime,
    *,
    algorithm: str = "sha3_512",
    without: Sequence[str] = (),
    alone: bool = False,
    crls: tuple[bytes, ...] = (),
) -> Grown:
    """Hash-tree renewal at `at`; the members named in `without` have been discarded before.

    The old token is completed with `crls`, those of the day before when none are given.
    """
    record = renewal.complete(old.octets, crls=crls or world.crls(at - DAY))
    kept = tuple((name, octets) for name, octets in old.members if name not in without)
    gone = tuple(hashlib.sha512(octets).digest() for name, octets in old.members if name in without)
    group = renewal.rehashed_group(record, [hashlib.new(algorithm, octets).digest() for _, octets in kept], algorithm)
    tree, place = planted(group_hash(group, algorithm), algorithm, alone=alone)
    grown = renewal.rehashed(record, group, tree.path(place), tsa.stamp(algorithm, tree.root, at), algorithm)
    return Grown(grown, kept, at, (*old.discarded, *gone))


def lone(world: World, tsa: QuickTSA, at: datetime) -> Grown:
    """One file that was stamped itself: no tree (RFC 4998, 4.2)."""
    name, octets = world.members[0]
    digest = hashlib.sha512(octets).digest()
    return Grown(builder.initial([digest], (), tsa.stamp("sha512", digest, at)), ((name, octets),), at)


def planted(leaf: bytes, algorithm: str, *, alone: bool = False) -> tuple[Tree, int]:
    """A tree in which `leaf` stands among four others, or alone, and its place."""
    others = [hashlib.new(algorithm, bytes((number,))).digest() for number in range(4)]
    leaves = [leaf] if alone else [*others[:2], leaf, *others[2:]]
    return Tree.build(leaves, algorithm), leaves.index(leaf)


def _all_files(small: Small) -> list[tuple[str, bytes]]:
    """Every object and every entry of every ZIP."""
    found = [(name.rpartition("/")[2], octets) for name, octets in small.files.items()]
    for name in (*small.files.kind(Kind.SEGMENT), *small.files.kind(Kind.METADATA)):
        with zipfile.ZipFile(BytesIO(small.files[name])) as archive:
            found += [(entry, archive.read(entry)) for entry in archive.namelist()]
    return found
