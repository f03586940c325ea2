"""What the page computes itself, against other people's arithmetic: signatures, digests, BER, hash trees."""

import base64
import hashlib
import json
import subprocess
from typing import Any

import pytest
from asn1crypto import algos, core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from support.nodes import SOURCES
from support.tools import ROOT, absent, tool

DATA = b"quanto firmato"
HASHES = {
    "sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),
    "sha3_256": hashes.SHA3_256(), "sha3_384": hashes.SHA3_384(), "sha3_512": hashes.SHA3_512(),
}  # fmt: skip
ECDSA = {
    "sha1": "1.2.840.10045.4.1", "sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4", "sha3_256": "2.16.840.1.101.3.4.3.10", "sha3_512": "2.16.840.1.101.3.4.3.12",
}  # fmt: skip
CURVES = (
    ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1(), ec.BrainpoolP256R1(), ec.BrainpoolP384R1(), ec.BrainpoolP512R1(),
    ec.SECP256K1(),
)  # fmt: skip


def asked(questions: list[dict[str, Any]]) -> list[Any]:
    """All at one start of node."""
    node = tool("node")
    if not (SOURCES / "node_modules").is_dir():
        absent("the page's libraries are not installed: scripts/page")
    told = json.dumps(questions, default=lambda octets: base64.b64encode(octets).decode())
    program = str(ROOT / "tests" / "page" / "crypto.mjs")
    done = subprocess.run([node, program], input=told, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return list(json.loads(done.stdout))


def identifier(oid: str, parameters: bytes = b"") -> bytes:
    """AlgorithmIdentifier."""
    from archiver.evidence.record.builder import tlv

    return tlv(0x30, core.ObjectIdentifier(oid).dump() + parameters)


def question(key: Any, algorithm: bytes, signature: bytes, implied: str = "") -> dict[str, Any]:
    """One signature to be looked at."""
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "kind": "signature",
        "spki": spki,
        "algorithm": algorithm,
        "implied": implied,
        "signature": signature,
        "data": DATA,
    }


def pss(name: str, mask: str, salt: int) -> bytes:
    """RFC 4055, 3.1, DER."""
    parameters = algos.RSASSAPSSParams(
        {
            "hash_algorithm": {"algorithm": name},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": mask}},
            "salt_length": salt,
        }
    )
    return identifier("1.2.840.113549.1.1.10", parameters.dump())


@pytest.fixture(scope="module")
def signatures() -> dict[str, dict[str, Any]]:
    """A genuine one of each mechanism."""
    key = rsa.generate_private_key(65537, 2048)
    found = {}
    for name in ("sha1", "sha256", "sha384", "sha512"):
        signed = key.sign(DATA, padding.PKCS1v15(), HASHES[name])
        oid = algos.SignedDigestAlgorithmId.unmap(f"{name}_rsa")
        found[f"RSA {name}"] = question(key, identifier(oid, b"\5\0"), signed)
        found[f"plain RSA {name}"] = question(key, identifier("1.2.840.113549.1.1.1", b"\5\0"), signed, name)
        salted = key.sign(DATA, padding.PSS(padding.MGF1(HASHES[name]), 20), HASHES[name])
        found[f"PSS {name}"] = question(key, pss(name, name, 20), salted)
    for curve in CURVES:
        private = ec.generate_private_key(curve)
        for name, oid in ECDSA.items():
            signed = private.sign(DATA, ec.ECDSA(HASHES[name]))
            found[f"{curve.name} {name}"] = question(private, identifier(oid), signed)
    for private, oid in ((ed25519.Ed25519PrivateKey, "1.3.101.112"), (ed448.Ed448PrivateKey, "1.3.101.113")):
        one = private.generate()
        found[oid] = question(one, identifier(oid), one.sign(DATA))
    return found


def test_a_genuine_signature_of_every_mechanism_fits(signatures: dict[str, dict[str, Any]]) -> None:
    assert dict(zip(signatures, asked([*signatures.values()]), strict=True)) == dict.fromkeys(signatures, True)


def test_none_fits_other_data_or_with_a_byte_changed(signatures: dict[str, dict[str, Any]]) -> None:
    other = [one | {"data": DATA + b"."} for one in signatures.values()]
    bent = [
        one | {"signature": one["signature"][:-3] + bytes((one["signature"][-3] ^ 1,)) + one["signature"][-2:]}
        for one in signatures.values()
    ]
    empty = [one | {"signature": b""} for one in signatures.values()]
    assert set(asked([*other, *bent, *empty])) <= {False}


def test_what_is_not_computed_is_neither_good_nor_bad() -> None:
    key = rsa.generate_private_key(65537, 2048)
    signed = key.sign(DATA, padding.PKCS1v15(), hashes.SHA3_256())
    mixed = key.sign(DATA, padding.PSS(padding.MGF1(hashes.SHA512()), 32), hashes.SHA256())
    cases = [
        question(key, identifier("2.16.840.1.101.3.4.3.14", b"\5\0"), signed),
        question(key, pss("sha256", "sha512", 32), mixed),
        question(key, identifier("1.2.3.4"), signed),
    ]
    assert asked(cases) == ["unsupported"] * 3


def test_digests_are_those_of_hashlib() -> None:
    names = ("sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512")
    found = asked(
        [
            *({"kind": "digest", "name": name, "data": DATA} for name in names),
            {"kind": "digest", "name": "shake256", "data": DATA},
        ]
    )
    assert found == [*(hashlib.new(name, DATA).hexdigest() for name in names), hashlib.shake_256(DATA).hexdigest(64)]


def test_a_hash_tree_keeps_duplicates_and_passes_a_list_of_one_through() -> None:
    one, two = b"\1" * 64, b"\2" * 64
    lists = [[[one]], [[one], [one]], [[two, one], [one, two]]]
    top = hashlib.sha512(one + two).digest()
    expected = [one, hashlib.sha512(one + one).digest(), hashlib.sha512(b"".join(sorted((one, two, top)))).digest()]
    found = asked([{"kind": "root", "lists": item, "algorithm": "sha512"} for item in lists])
    assert found == [item.hex() for item in expected]


def test_ber_is_read_and_what_is_broken_is_refused() -> None:
    good = {
        b"\x30\x80\x04\x01a\x00\x00": ["61"],
        b"\x24\x80\x04\x01a\x04\x01b\x00\x00": ["61", "62"],
        b"\x30\x81\x03\x02\x01\x05": ["05"],
    }
    bad = (
        b"",
        b"\x30",
        b"\x30\x05\x04",
        b"\x30\x80\x04\x01a",
        b"\x04\x80\x00\x00",
        b"\x30\x02\x04\x01",
        b"\x05\0\0",
        b"\x30\x85\1\1\1\1\1",
        b"\x1f\x81\x00",
        b"\x30\x80" * 5000,
        b"\x30\x82\xff\xff\x00",
    )
    found = asked([{"kind": "asn1", "data": data} for data in (*good, *bad)])
    assert found == [*good.values(), *["refused: Malformed"] * len(bad)]


def test_only_plain_xml_is_read() -> None:
    bad = (
        b"",
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b"x<a/>",
        b"<a b='1' b='2'/>",
        b"<a>&x;</a>",
        b"<a>&</a>",
        b"<a>\xff</a>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b"<a>" * 100 + b"</a>" * 100,
        b"<a b=1/>",
        b"<a>&#1114112;</a>",
    )
    good = (b"<a/>", b'<?xml version="1.0"?>\n<p:a xmlns:p="u" p:b="&amp;&#x41;">t<!-- c --></p:a>\n')
    found = asked([{"kind": "xml", "data": data} for data in (*good, *bad)])
    assert found == ["a", "a", *["refused: Malformed"] * len(bad)]
