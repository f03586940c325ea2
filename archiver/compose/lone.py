"""An evidence record alone, from its file: DER or base64, and the data or digests that are shown with it."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archiver.errors import ConfigError
from archiver.verify import Trust
from archiver.verify.record import RecordReport, judge_record

ALGORITHMS = ("sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512")
_SUFFIXES = (".ers", ".er", ".b64", ".ers.pem", ".er.xml", ".ers.xml")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Shown:
    """What is set beside a record: files, and digests `sha512:HEX`, those of one file joined by commas."""

    data: tuple[Path, ...] = ()
    digests: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is shown."""
        return bool(self.data or self.digests)


NOTHING_SHOWN = Shown()


def is_record(path: Path) -> bool:
    """Whether a file is called as evidence records are."""
    return path.name.lower().endswith(_SUFFIXES)


def verify_record(path: Path, shown: Shown, *, trust: Trust, at: datetime) -> RecordReport:
    """The verdict on a record and the data shown.

    Raises ConfigError for data that cannot be read and for a digest that is none, all of them at once.
    """
    given = _given(shown)
    octets = decoded(path.read_bytes())

    def hashed(algorithms: tuple[str, ...]) -> Mapping[str, Mapping[str, bytes]]:
        return {str(item): _hashed(item, algorithms) for item in shown.data} | given

    return judge_record(octets, path.name, hashed, trust=trust, at=at)


def decoded(octets: bytes) -> bytes:
    """What base64 stands for, with PEM's armour or without; anything else as it is, for the judge to tell."""
    text = re.sub(rb"-----(BEGIN|END) [^-\n]*-----", b"", octets)
    try:
        plain = base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        return octets
    return plain or octets


def _given(shown: Shown) -> dict[str, dict[str, bytes]]:
    wrong = [f"--data {path}: there is no such file" for path in shown.data if not path.is_file()]
    given = {}
    for text in shown.digests:
        try:
            given[text] = _digests(text)
        except ConfigError as error:
            wrong.append(f"--digest {text!r}: {error}")
    if wrong:
        raise ConfigError("; ".join(wrong))
    return given


def _digests(text: str) -> dict[str, bytes]:
    """The digests of one file, each by another algorithm: of two by one algorithm at most one could be right."""
    found = list(map(_digest, text.split(",")))
    names = [name for name, _ in found]
    twice = [name.replace("_", "-") for name in ALGORITHMS if names.count(name) > 1]
    if twice:
        raise ConfigError(f"expected each algorithm once, found {', '.join(twice)} again; one --digest for each file")
    return dict(found)


def _digest(text: str) -> tuple[str, bytes]:
    called, _, digits = text.partition(":")
    plain = re.sub(r"[-_ ]", "", called.lower())
    name = next((known for known in ALGORITHMS if known.replace("_", "") == plain), None)
    if name is None:
        known = ", ".join(item.replace("_", "-") for item in ALGORITHMS)
        raise ConfigError(f"expected ALGORITHM:HEX with one of {known}, found {called or 'nothing'}")
    size = hashlib.new(name).digest_size
    if not re.fullmatch(rf"[0-9a-fA-F]{{{2 * size}}}", digits):
        raise ConfigError(f"expected {2 * size} hexadecimal digits after {called}:, found {digits!r}")
    return name, bytes.fromhex(digits)


def _hashed(path: Path, algorithms: tuple[str, ...]) -> dict[str, bytes]:
    """All digests in one pass."""
    hashes = {name: hashlib.new(name) for name in algorithms if name in ALGORITHMS}
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            for running in hashes.values():
                running.update(chunk)
    return {name: running.digest() for name, running in hashes.items()}
