"""Writes the frame of a bag (BagIt 1.0, RFC 8493): so that `sha256sum -c` says whether all arrived."""

from collections.abc import Mapping

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
"""bagit.txt (RFC 8493, 2.1.1)."""


def manifest(digests: Mapping[str, str]) -> bytes:
    """Digest and path of each file, by path (RFC 8493, 2.1.3); two blanks between, as `sha256sum` writes it."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items())).encode()


def information(facts: Mapping[str, str], *, octets: int, files: int) -> bytes:
    """bag-info.txt (RFC 8493, 2.2.2), with the payload's bytes and number of files; values on one line each."""
    lines = {**facts, "Payload-Oxum": f"{octets}.{files}"}
    return "".join(f"{label}: {' '.join(text.split())}\n" for label, text in lines.items()).encode()
