"""The rapporti of one mailbox in the order in which they were written; where one is lost, the chain goes on behind it.

The id of each follows from the one before and the cursor that it left, and each names the digest of the one before.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from archiver.digest import Sha256, Sha512
from archiver.errors import Absent, Malformed
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.rdv import reader
from archiver.package.rdv.values import Rdv
from archiver.ports import ObjectStore
from archiver.rebuild import doubt
from archiver.rebuild.listing import Listing
from archiver.submission.rapporti import pdv_row
from archiver.submission.rows import PdvRow
from archiver.verdict import Finding, finding

SEALED = ".p7m"
UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of a rapporto of which nothing is left but its place."""

Proven = Callable[[str], datetime | None]
"""Since when the evidence of a rapporto (by its id) proves it."""


@dataclass(frozen=True, slots=True)
class Link:
    """One rapporto and its row; `rapporto` is None for one that is lost, whose row says what others tell of it."""

    row: PdvRow
    rapporto: Rdv | None


def read_rapporto(name: str, store: ObjectStore) -> tuple[Rdv, bytes]:
    """A rapporto and its octets. Raises Absent, Malformed."""
    octets = store.get(name)
    return reader.read(open_signed(octets).content or b"" if name.endswith(SEALED) else octets), octets


class Chain:
    """One mailbox's rapporti. `expected`: the digests that indexes state, by id; `wrong` grows on the way.

    `others` are the stores beside the one that is read, by id.
    """

    def __init__(
        self,
        mailbox: str,
        listing: Listing,
        store: ObjectStore,
        *,
        expected: Mapping[str, Sha256],
        proven: Proven,
        wrong: list[Finding],
        others: Mapping[str, ObjectStore],
    ) -> None:
        self._holder, self._mailbox = listing.holder, mailbox
        self._names = listing.rapporti.get(mailbox, {})
        self._hints = {*listing.proven.get(mailbox, ()), *self._names, *expected}
        self._store, self._expected, self._proven, self._wrong = store, expected, proven, wrong
        self._listing, self._others = listing, others
        self._unreadable: set[str] = set()
        self._places: dict[str, tuple[str, datetime]] | None = None

    def links(self, head: PdvRow | None, known: frozenset[str]) -> Iterator[Link]:
        """All that come behind `head`, in order; `known` are those before it. Raises Unavailable."""
        held: Link | None = None
        for link in self._walk(head, set(known)):
            if held is not None:
                yield self._settled(held, link)
            elif head is not None:
                self._settled(Link(head, None), link)
            held = link
        if held is not None:
            yield self._settled(held, None)

    def _walk(self, head: PdvRow | None, done: set[str]) -> Iterator[Link]:
        number, before = (head.number, head) if head else (0, None)
        while True:
            following = self._next(before)
            link = self._link(following, number + 1) or self._behind_a_gap(following, number, done)
            if link is None or link.row.id in done:
                return
            yield link
            number, before = link.row.number, link.row
            done.add(link.row.id)

    def _behind_a_gap(self, following: str, number: int, done: set[str]) -> Link | None:
        """What comes when the rapporto `following` cannot be read: its row, as far as others tell of it."""
        rest = self._rest(done | {following})
        if rest is None:
            lost = self._last(following, done)
            return Link(self._lost(lost, number + 1, None), None) if lost else None
        rapporto, octets, name = rest
        lost = rapporto.previous.id if rapporto.previous else ""
        if not lost or lost in done:
            return Link(pdv_row(rapporto, octets, name, number=number + 1), rapporto)
        if lost == following:
            return Link(self._lost(lost, number + 1, rapporto), None)
        self._wrong.append(finding("REBUILD_UNEXPLAINED", name))
        return Link(self._lost(lost, number + 2, rapporto), None)

    def _next(self, before: PdvRow | None) -> str:
        previous, cursor = (before.id, before.cursor) if before else (None, "")
        return layout.pdv_id(self._holder, self._mailbox, previous, cursor)

    def _link(self, pdv: str, number: int) -> Link | None:
        """The rapporto of this id, if it is there and can be read."""
        found = self._read(pdv)
        if found is None:
            return None
        rapporto, octets, name = found
        return Link(pdv_row(rapporto, octets, name, number=number), rapporto)

    def _read(self, pdv: str) -> tuple[Rdv, bytes, str] | None:
        if pdv in self._unreadable:
            return None
        for name in self._names.get(pdv, ()):
            try:
                rapporto, octets = read_rapporto(name, self._store)
                if (rapporto.id, rapporto.mailbox, rapporto.holder_id) != (pdv, self._mailbox, self._holder):
                    raise Malformed(f"expected rapporto {pdv}, found {rapporto.id} of {rapporto.mailbox}")
            except (Absent, Malformed) as error:
                self._wrong.append(finding("REBUILD_UNREADABLE", name, reason=error))
                continue
            return rapporto, octets, name
        self._unreadable.add(pdv)
        return None

    def _rest(self, done: set[str]) -> tuple[Rdv, bytes, str] | None:
        """Of those that the chain does not lead to, the oldest one that none of the others comes before."""
        if self._places is None:
            read = ((pdv, found[0]) for pdv in self._names if pdv not in done and (found := self._read(pdv)))
            self._places = {pdv: (rdv.previous.id if rdv.previous else "", rdv.at) for pdv, rdv in read}
        left = {pdv: place for pdv, place in self._places.items() if pdv not in done}
        first = [pdv for pdv, (previous, _) in left.items() if previous not in left]
        chosen = min(first, key=lambda pdv: (left[pdv][1], pdv), default=None)
        return self._read(chosen) if chosen else None

    def _last(self, following: str, done: set[str]) -> str:
        """A lost one that nothing comes behind: the one that is next, or one that an index lists; empty for none."""
        if following in self._hints:
            return following
        return min((pdv for pdv in self._expected if pdv not in done), default="")

    def _lost(self, pdv: str, number: int, successor: Rdv | None) -> PdvRow:
        """The row of one that is not there: what its successor and an index say of it, nothing where nobody does."""
        previous = successor.previous if successor else None
        digest = previous.sha256 if previous else self._expected.get(pdv, Sha256(""))
        names = self._names.get(pdv) or [layout.rdv(self._holder, self._mailbox, pdv)]
        if pdv not in self._names:
            by = _by(pdv in self._expected, successor)
            self._wrong.append(finding("REBUILD_MISSING", names[0], by=by))
        at = self._proven(pdv) or (successor.at if successor else UNKNOWN)
        cursor = successor.before if successor else ""
        return PdvRow(pdv, self._holder, self._mailbox, number, at, digest, Sha512(""), 0, names[0], cursor)

    def _settled(self, link: Link, following: Link | None) -> Link:
        """The link with the digest that others state of it; another one is a finding."""
        stated = [self._expected.get(link.row.id)]
        if following and following.rapporto and following.rapporto.previous:
            previous = following.rapporto.previous
            stated.append(previous.sha256 if previous.id == link.row.id else None)
        digest = next((one for one in stated if one), None)
        if digest is None:
            return self._doubted(link)
        if digest == link.row.sha256:
            return link
        if link.row.sha256:
            self._wrong.append(finding("REBUILD_ALTERED", link.row.name, expected=digest, found=link.row.sha256))
        return replace(link, row=replace(link.row, sha256=digest))

    def _doubted(self, link: Link) -> Link:
        """A link that no other object names, without digest where its own evidence or another store says otherwise."""
        if link.rapporto is None:
            return link
        pdv, name = link.row.id, link.row.name
        records = self._listing.evidence("pdv", pdv)
        against = doubt.against(name, self._store, records, self._others, at=link.row.at)
        if against is None:
            return link
        self._wrong.append(against)
        return replace(link, row=replace(link.row, sha256=Sha256(""), sha512=Sha512(""), size=0))


def _by(listed: bool, successor: Rdv | None) -> str:
    """Who speaks of a rapporto that is not there."""
    if successor:
        return f"il rapporto (the rapporto) {successor.id}"
    return "l'indice del volume (the volume's index)" if listed else "la sua prova (its evidence)"
