"""The reference model: what must be there, as simply as it can be said, and an independent look at what is.

Nothing of the archive's own readers is used: ZIP by zipfile, digests by hashlib, rows by sqlite3, XML by its bytes.
"""

import hashlib
import io
import re
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from simulation.house import Place, World

GRAVE = frozenset(("flipped", "truncated", "zeroed", "deleted", "swapped", "succeeded", "torn"))
"""Kinds of harm after which a store does not have the object any more."""


@dataclass(frozen=True)
class Harm:
    """What was done to an object, when, and what is there since."""

    kind: str
    at: datetime
    octets: bytes | None


@dataclass
class Reference:
    """`mail` must be in the archive for ever, byte for byte, once: what an errand ever said it keeps.

    `harmed` are the objects that the weather damaged, by store; `volumes` were reported closed.
    """

    world: World
    mail: dict[str, bytes] = field(default_factory=dict)
    volumes: set[str] = field(default_factory=set)
    harmed: dict[tuple[str, str], Harm] = field(default_factory=dict)
    strangers: set[tuple[str, str]] = field(default_factory=set)
    _seen: dict[str, bytes] = field(default_factory=dict)
    _names: dict[str, tuple[bytes, list[tuple[str, str]]]] = field(default_factory=dict)

    def polled(self) -> None:
        """A poll came to its end: whatever was on the server and could be read is kept."""
        for box in self.world.server.boxes.values():
            for raw in box.values():
                if raw not in self.world.server.stubborn:
                    self.mail[hashlib.sha256(raw).hexdigest()] = raw

    def came(self) -> None:
        """Mail is on the server: should the catalog ever call it kept, these are its bytes."""
        for box in self.world.server.boxes.values():
            self._seen.update((hashlib.sha256(raw).hexdigest(), raw) for raw in box.values())

    def differences(self, *, everywhere: frozenset[str] = frozenset()) -> Iterator[str]:
        """What is wrong with the archive; nothing, if all is well. What the weather harmed is no fault of its.

        Every store must have these objects `everywhere`, the primary all that was ever put.
        """
        self._believe()
        primary = next(iter(self.world.places.values()))
        names = sorted({*raw_names(primary), *(name for store, name in self.harmed if store == primary.id)})
        rapporti = [octets for name in names if re.search(r"/pdv/.*\.xml", name) for octets in [self._whole(name)]]
        named = b"".join(rapporti)
        found: Counter[str] = Counter()
        for name in names:
            if "/segments/" in name and name[-68:-4].encode() in named:
                found.update(self._messages(name, self._whole(name)))
        for digest in self.mail.keys() - found.keys():
            yield f"lost: message {digest} is in no segment that a rapporto names"
        for digest, times in found.items():
            if times > 1:
                yield f"twice: message {digest} is in {times} segments"
        for volume in sorted(self.volumes):
            if not any(f"/volumes/{volume}/PIndex.xml.p7m" in name for name in names):
                yield f"lost: the index of volume {volume}, reported closed"
        for place in self.world.places.values():
            yield from self._altered(place, everywhere)
        yield from self._read()

    def right(self, place: Place, name: str) -> bool:
        """Whether this store has the object as it was put."""
        return raw(place, name) == self.world.truth[name]

    def curable(self) -> set[tuple[str, str]]:
        """Grave harm for which another store has the right octets."""
        return {
            (store, name)
            for (store, name), harm in self.harmed.items()
            if harm.kind in GRAVE
            and any(self.right(place, name) for place in self.world.places.values() if place.id != store)
        }

    def mend(self) -> None:
        """What was harmed and is right again is harmed no more."""
        for (store, name), harm in list(self.harmed.items()):
            place = self.world.places[store]
            if self.right(place, name) and harm.kind in GRAVE:
                del self.harmed[store, name]

    def settle(self) -> None:
        """The end of a night: what lies in the primary unharmed, and was put by nobody who lived to tell, is known."""
        primary = next(iter(self.world.places.values()))
        for name in raw_names(primary):
            octets = raw(primary, name)
            mine = (primary.id, name) not in self.harmed and (primary.id, name) not in self.strangers
            if mine and name not in self.world.truth and octets is not None:
                self.world.truth[name] = octets

    def _believe(self) -> None:
        """Whatever the catalog has a row of was reported as kept: no poll will ever fetch it again."""
        with sqlite3.connect(f"file:{self.world.database}?mode=ro", uri=True) as connection:
            for (digest,) in connection.execute("SELECT sha256 FROM message"):
                if digest not in self.mail:
                    self.mail[digest] = self._seen[digest]
            self.volumes |= {row for (row,) in connection.execute("SELECT id FROM volume")}
        connection.close()

    def _whole(self, name: str) -> bytes:
        """The object of the primary; where the weather harmed it, as it was."""
        primary = next(iter(self.world.places.values()))
        found = raw(primary, name) if (primary.id, name) not in self.harmed else self.world.truth.get(name)
        return found or b""

    def _messages(self, name: str, octets: bytes) -> Iterator[str]:
        """The digests of a segment's messages; bytes of another digest than their name's, or than came, are none."""
        if self._names.get(name, (b"",))[0] != octets:
            self._names[name] = octets, list(_entries(octets))
        for digest, found in self._names[name][1]:
            yield digest if digest == found and digest in self.mail else f"{digest}, which holds {found}"

    def _read(self) -> Iterator[str]:
        """Copies that were noted as read and right after they were harmed, and are harmed still."""
        with sqlite3.connect(f"file:{self.world.database}?mode=ro", uri=True) as connection:
            rows = connection.execute("SELECT store, name, read FROM copy")
            read = {(store, name): at for store, name, at in rows}
        connection.close()
        for (store, name), harm in self.harmed.items():
            noted = read.get((store, name))
            since = datetime.fromisoformat(noted).replace(tzinfo=UTC) if noted else None
            if harm.kind in GRAVE and since and since >= harm.at and not self.right(self.world.places[store], name):
                yield f"noted as read back whole, and it is {harm.kind}: {name} in {store}"

    def _altered(self, place: Place, promised: frozenset[str]) -> Iterator[str]:
        """Objects that are not what was put, and no weather did it. A replica may lack what nobody said it has."""
        primary = next(iter(self.world.places.values()))
        for name, octets in self.world.truth.items():
            if (place.id, name) in self.harmed:
                continue
            found = raw(place, name)
            if found != octets and (found is not None or place is primary or name in promised):
                yield f"{'lost' if found is None else 'altered'}: {name} in {place.id}"


def raw_names(place: Place) -> Iterator[str]:
    """The names of what lies there, without the archive's own store."""
    if place.bucket is not None:
        yield from sorted(name for name in place.bucket.names if place.bucket.octets(name) is not None)
        return
    assert place.disk is not None
    root = place.disk.root
    found = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    yield from sorted(name for name in found if not name.startswith("."))


def raw(place: Place, name: str) -> bytes | None:
    """The octets that lie there under a name."""
    if place.bucket is not None:
        return place.bucket.octets(name)
    assert place.disk is not None
    try:
        return (place.disk.root / name).read_bytes()
    except OSError:
        return None


def _entries(octets: bytes) -> Iterator[tuple[str, str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            for entry in archive.namelist():
                yield entry[9:-4], hashlib.sha256(archive.read(entry)).hexdigest()
    except zipfile.BadZipFile:
        return
