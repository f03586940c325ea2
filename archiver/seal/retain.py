"""How long the store keeps what: the end of the volume's term once it is closed, the short lock of intake until then.

A promise is only ever lengthened: a rapporto or a CRL of several volumes is kept as long as the last of them.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from archiver.digest import Sha256
from archiver.errors import Absent, ConfigError, Unavailable
from archiver.package import layout
from archiver.package.index.values import Index
from archiver.ports import ObjectStore
from archiver.seal.draft import pdv_of
from archiver.seal.values import Failure, Sealing
from archiver.submission.keeping import WAITING, kept_until
from archiver.submission.rows import VolumeRow


def retain_volume(
    volume: VolumeRow, segments: Iterable[Sha256], index: Index, *, until: date | None, work: Sealing
) -> None:
    """Keeps every object of a closed volume through `until` (None: for ever). Raises as `ObjectStore.retain`."""
    end = kept_until(until, now=work.clock())
    for name in _objects(volume, segments, index, work.store):
        work.store.retain(name, until=end)


def retain_pending(work: Sealing) -> list[Failure]:
    """Keeps what has waited long for its volume (a hand that signs, a protocol, a fault): its short lock must not end.

    Returns what could not be kept, and why.
    """
    now, failures = work.clock(), list[Failure]()
    old = [row for row in work.catalog.pending() if now - row.at > WAITING / 2]
    rapporti = {(row.holder, row.mailbox, row.pdv) for row in old}
    for mailbox in work.boxes:  # those of duplicates only wait for the mailbox's next volume
        waiting = work.catalog.pdvs_without_volume(mailbox)
        rapporti |= {(pdv.holder, mailbox, pdv.id) for pdv in waiting if now - pdv.at > WAITING / 2}
    for row in old:
        failures += _kept([layout.segment(row.holder, row.sha256)], now + WAITING, work)
    for where in sorted(rapporti):
        failures += _kept(_rapporto(work.store, *where), now + WAITING, work)
    return failures


def _kept(names: Iterable[str], until: datetime, work: Sealing) -> Iterator[Failure]:
    try:
        for name in names:
            work.store.retain(name, until=until)
    except (Absent, Unavailable, ConfigError) as error:
        yield Failure("lock", str(error))


def _objects(volume: VolumeRow, segments: Iterable[Sha256], index: Index, store: ObjectStore) -> Iterator[str]:
    holder = volume.holder
    yield from (layout.segment(holder, digest) for digest in segments)
    yield from (layout.trust(holder, file.sha256, file.extension) for file in index.trust)
    for file in index.rdvs:
        yield from _rapporto(store, holder, volume.mailbox, pdv_of(file))
    # the index, the metadata, the records
    sealed = layout.index(holder, volume.id)
    yield from (item.name for item in store.list(sealed.removesuffix(layout.PINDEX)))


def _rapporto(store: ObjectStore, holder: str, mailbox: str, pdv: str) -> Iterator[str]:
    """A rapporto and its records."""
    stem = layout.rdv(holder, mailbox, pdv).removesuffix("xml")
    yield from (item.name for item in store.list(stem))
