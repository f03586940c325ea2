"""A signer that stops in the middle of the night: what it sealed is closed, what came in covered, the error said."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from support import letters
from support.embedded import Disk, Embedded

from archiver.errors import ArchiverError, ConfigError, Unavailable
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.ports import Signer, Stamp


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
