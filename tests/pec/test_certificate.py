"""Whatever a certificate in a message says, reading it raises nothing: one bad message never stops a mailbox."""

from datetime import UTC, datetime

import pytest
from simulator import pki

from archiver.pec import certificate

RSA = bytes.fromhex("06092a864886f70d010101")
SIGNER = pki.signer(
    "gestore-uno", "Gestore", "x@y.example", serial=7, digest="sha256", since=datetime(2025, 1, 1, tzinfo=UTC)
)


def test_an_rsa_key_is_measured() -> None:
    read = certificate.read(SIGNER.certificate)
    assert read
    assert (read.bits, read.serial) == (2048, 7)


@pytest.mark.parametrize("last", [0x07, 0x09, 0x0A, 0x0B, 0xFF])
def test_a_key_under_another_name_of_the_rsa_family_raises_nothing(last: int) -> None:
    """rsaesOaep, mgf1, rsassaPss, a signature algorithm, nothing known: asn1crypto stumbles over the first."""
    assert SIGNER.certificate.count(RSA) == 1
    read = certificate.read(SIGNER.certificate.replace(RSA, RSA[:-1] + bytes([last])))
    assert read is None or read.bits in (0, 2048)


def test_no_flipped_bit_of_a_certificate_raises_anything() -> None:
    for place in range(len(SIGNER.certificate)):
        octets = bytearray(SIGNER.certificate)
        octets[place] ^= 1 << place % 8
        certificate.read(bytes(octets))
