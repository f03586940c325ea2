"""Where trust material is kept: first the object, then its row; what a power cut left between them is found again."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from archiver.collect.describe import CERTIFICATE, described
from archiver.collect.values import Catalog, Store
from archiver.digest import Sha256, sha256
from archiver.errors import Absent
from archiver.package import layout
from archiver.submission.rows import FetchedRow, TrustRow


class Shelf:
    """Store and catalog together. Both may raise Unavailable, the store Conflict: a name whose octets are others."""

    def __init__(self, store: Store, catalog: Catalog) -> None:
        self._store = store
        self._catalog = catalog

    def keep(
        self,
        octets: bytes,
        extension: str,
        holders: Collection[str],
        *,
        at: datetime,
        fetched: FetchedRow | None = None,
    ) -> None:
        """Keeps one object for these holders, and notes what it came of."""
        rows = [described(holder, octets, extension, at=at) for holder in holders]
        known = {row.holder for row in self._catalog.trust_with([sha256(octets)]) if row.extension == extension}
        new = [row for row in rows if row.holder not in known]
        for row in new:
            self._store.put(layout.trust(row.holder, row.sha256, extension), octets)
        if fetched is not None:
            self._catalog.record_fetched(fetched, new)
        elif new:
            self._catalog.record_trust(new)

    def keep_certificates(self, found: Iterable[tuple[bytes, str, str]], *, at: datetime) -> None:
        """Keeps certificates (DER), each with its holder and what it is (`tsa`, `signer`, `provider`, `ca`)."""
        wanted = {(holder, sha256(octets)): (octets, kind) for octets, holder, kind in found}
        known = self._catalog.trust_with(list(dict.fromkeys(digest for _, digest in wanted)))
        for row in known:
            wanted.pop((row.holder, row.sha256), None)
        new = [
            described(holder, octets, CERTIFICATE, kind=kind, at=at) for (holder, _), (octets, kind) in wanted.items()
        ]
        for row, (octets, _) in zip(new, wanted.values(), strict=True):
            self._store.put(layout.trust(row.holder, row.sha256, CERTIFICATE), octets)
        if new:
            self._catalog.record_trust(new)

    def find(self, digest: str, extension: str) -> tuple[TrustRow, bytes] | None:
        """An object that some holder has, None when nobody has it whole any more."""
        for row in self._catalog.trust_with([Sha256(digest)]):
            if row.extension == extension and (octets := self.read(row)) is not None:
                return row, octets
        return None

    def read(self, row: TrustRow) -> bytes | None:
        """The object of a row, None when it is not there, or is not what its name says: whoever sweeps will say so."""
        try:
            octets = self._store.get(layout.trust(row.holder, row.sha256, row.extension))
        except Absent:
            return None
        return octets if sha256(octets) == row.sha256 else None

    def heal(self, holder: str, *, at: datetime) -> None:
        """Notes the objects that are in the store and in no row: a run was cut short, or a backup was put back."""
        known = {(row.sha256, row.extension) for row in self._catalog.trust_of(holder)}
        if new := list(self._unknown(holder, known, at)):
            self._catalog.record_trust(new)

    def _unknown(self, holder: str, known: set[tuple[Sha256, str]], at: datetime) -> Iterator[TrustRow]:
        for stored in self._store.list(f"{holder}/trust/"):
            parsed = layout.parse(stored.name)
            if parsed is None or parsed.kind is not layout.Kind.TRUST or (Sha256(parsed.id), parsed.extension) in known:
                continue
            octets = self._store.get(stored.name)
            if sha256(octets) == parsed.id:
                yield described(holder, octets, parsed.extension, at=at)
