"""The form of a token in a record: what its signature does not cover, and asn1crypto does not ask (RFC 5652, 5)."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from asn1crypto import cms

from archiver.errors import Malformed
from archiver.evidence.cms import UNREADABLE

VERSION = "SignedData.version"


class Fault(NamedTuple):
    """One field of a SignedData that is not as the RFC asks for it."""

    field: str
    expected: str
    found: str

    @property
    def common(self) -> bool:
        """Whether many authorities do it: they lay OCSP answers into the bag, and leave the version at 3."""
        return self == (VERSION, "5", "3")


def form_faults(token: bytes) -> tuple[Fault, ...]:
    """All of them. Raises Malformed for what is no SignedData."""
    try:
        return tuple(_faults(cms.ContentInfo.load(token)["content"]))
    except UNREADABLE as error:
        raise Malformed(f"not a CMS SignedData: {error}") from error


def _faults(data: cms.SignedData) -> Iterator[Fault]:
    # 5.1: CMSVersion, by what is inside
    yield from _version(VERSION, _expected(data), data)
    for algorithm in data["digest_algorithms"]:
        yield from _parameters("SignedData.digestAlgorithms", algorithm)
    # 5.3: CMSVersion of a signer, by how it is named
    for signer in data["signer_infos"]:
        yield from _version("SignerInfo.version", 3 if signer["sid"].name == "subject_key_identifier" else 1, signer)
        yield from _parameters("SignerInfo.digestAlgorithm", signer["digest_algorithm"])


def _version(field: str, expected: int, holder: Any) -> Iterator[Fault]:
    found = int(holder["version"])
    if found != expected:
        yield Fault(field, str(expected), str(found))


def _expected(data: cms.SignedData) -> int:
    kinds = {item.name for item in data["certificates"]}
    if "other" in kinds or any(item.name == "other" for item in data["crls"]):
        return 5
    if "v2_attr_cert" in kinds:
        return 4
    signers = {int(signer["version"]) for signer in data["signer_infos"]}
    if "v1_attr_cert" in kinds or 3 in signers or data["encap_content_info"]["content_type"].native != "data":
        return 3
    return 1


def _parameters(field: str, algorithm: Any) -> Iterator[Fault]:
    """Those of a digest are absent or NULL (RFC 5754, 2)."""
    given = bytes(algorithm["parameters"].dump())
    if given not in (b"", b"\x05\x00"):
        yield Fault(f"{field}.parameters", "NULL", given.hex())
