"""A signer that stops in the middle of the night: what it sealed is closed, what came in covered, the error said."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from support import letters
from support.embedded import Disk, Embedded

from archiver.errors import ArchiverError, ConfigError, Malformed, Unavailable
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.ports import Signer, Stamp
from archiver.seal import seal
from archiver.verdict import Finding, finding


@dataclass
class Tiring:
    """Signs so many times."""

    inner: Signer
    left: int
    error: ArchiverError

    @property
    def certificate(self) -> bytes:
        return self.inner.certificate

    @property
    def chain(self) -> tuple[bytes, ...]:
        return self.inner.chain

    def ready(self) -> None:
        pass

    def sign(self, data: bytes, *, at: datetime, stamp: Stamp | None) -> bytes:
        if not self.left:
            raise self.error
        self.left -= 1
        return self.inner.sign(data, at=at, stamp=stamp)


@pytest.mark.parametrize(
    "error", [Unavailable("token rimosso"), ConfigError("PIN errato")], ids=lambda e: type(e).__name__
)
def test_what_was_sealed_before_is_closed_and_the_rapporti_are_covered(
    tmp_path: Path, ca: Path, error: ArchiverError
) -> None:
    process = Embedded(Disk.made(tmp_path / "disk"), ca, Providers())
    process.ingest(letters.HandedIn((letters.plain(1, year=2024), letters.plain(2, year=2025))))
    process.signer = lambda inner: Tiring(inner, 1, error)
    with pytest.raises(type(error), match=str(error)):
        process.seal()
    rows = process.disk.rows()
    assert (len(rows["volume"]), len(rows["segment"])) == (1, 2)
    kinds = [parsed.kind for name in process.disk.objects() if (parsed := layout.parse(name))]
    assert (kinds.count(Kind.RDV), kinds.count(Kind.RDV_RECORD), kinds.count(Kind.VOLUME_RECORD)) == (1, 1, 1)
    process.signer = lambda inner: inner
    assert process.seal().volumes == 1


def two_years(tmp_path: Path, ca: Path) -> Embedded:
    process = Embedded(Disk.made(tmp_path / "disk"), ca, Providers())
    process.ingest(letters.HandedIn((letters.plain(1, year=2024), letters.plain(2, year=2025))))
    return process


def test_a_signer_that_answers_nonsense_is_asked_once_a_run(tmp_path: Path, ca: Path) -> None:
    process, asked = two_years(tmp_path, ca), []

    class Nonsense(Tiring):
        def sign(self, data: bytes, *, at: datetime, stamp: Stamp | None) -> bytes:
            asked.append(data)
            raise Malformed("non è una firma")

    process.signer = lambda inner: Nonsense(inner, 0, Malformed(""))
    with pytest.raises(Unavailable, match="non è una firma"):
        process.seal()
    assert len(asked) == 1


def test_a_certificate_that_ends_between_two_volumes_signs_nothing_more_and_costs_no_token(
    tmp_path: Path, ca: Path
) -> None:
    process = two_years(tmp_path, ca)
    signed: list[bytes] = []

    class Counting(Tiring):
        def sign(self, data: bytes, *, at: datetime, stamp: Stamp | None) -> bytes:
            signed.append(data)
            return super().sign(data, at=at, stamp=stamp)

    def admits(certificate: bytes, chain: tuple[bytes, ...], at: datetime) -> tuple[Finding, ...]:
        """The seal that is there stays good; the next one would not be."""
        there = any(item.name.endswith(".p7m") for item in process.disk.store.list())
        return (finding("SIGNER_EXPIRED", "firma", name="firma", end=at, at=at),) if there else ()

    process.signer = lambda inner: Counting(inner, 9, Unavailable(""))
    with process.disk.catalog() as catalog:
        work = process._sealing(catalog)
        report = seal(replace(work, seals=replace(work.seals, admits=admits)), everything=True)
    assert len(signed) == 1
    assert ["is INDETERMINATE" in failure.reason or "is FAILED" in failure.reason for failure in report.failures] == [
        True
    ]
    assert (report.volumes, report.tokens) == (1, 2)
