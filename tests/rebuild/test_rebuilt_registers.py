"""A register of very many acts comes again a few at a time, from whichever store has them; each is read once."""

import gc
from pathlib import Path

from support.acting import register, stored
from support.ages import Clock
from support.embedded import EVENING

from archiver.adapters.catalog import Catalog
from archiver.adapters.stores.memory import MemoryStore
from archiver.chain import Material
from archiver.evidence.policy import Policy
from archiver.package.act import Act, ActKind
from archiver.pec.providers import Providers
from archiver.rebuild import Rebuilding, Report, acts
from archiver.verify import Trust

ACTS = register(*[ActKind.SHOW] * 180, ActKind.TRUST_REVOKED, *[ActKind.SEARCH] * 19)
NAMES = [item.name for item in ACTS]


def held() -> int:
    """How many acts there are in memory."""
    return sum(isinstance(found, Act) for found in gc.get_objects())


class Watched(MemoryStore):
    """A store in memory that notes what is read, and how many acts somebody holds then."""

    def __init__(self) -> None:
        super().__init__()
        self.read_names: list[str] = []
        self.most = 0

    def get(self, name: str) -> bytes:
        self.read_names.append(name)
        self.most = max(self.most, held())
        return super().get(name)


def test_few_acts_are_held_at_a_time_and_other_stores_are_asked_for_the_rest_only(tmp_path: Path) -> None:
    store, other = Watched(), Watched()
    stored(ACTS[:150], store)
    stored(ACTS[100:], other)
    before = held()
    report = Report()
    catalog = Catalog.open(f"sqlite:///{tmp_path}/catalog.db", create=True)
    try:
        work = Rebuilding(
            store=store,
            catalog=catalog,
            trust=Trust(Providers(), Policy(Material(()))),
            own={},
            lines=(),
            mapped=lambda asks: iter(()),
            clock=Clock(EVENING),
            others={"altra": other},
        )
        decided = acts.restored(work, "h-1", report)
        assert [item.name for item in decided] == [NAMES[180]]
        assert [row.name for row in catalog.acts_between("h-1", 0, 999)] == NAMES
    finally:
        catalog.close()
    assert (report.acts, report.lost, [note.subject for note in report.notes]) == (200, [], NAMES[150:])
    assert (store.read_names, other.read_names) == (NAMES[:150], NAMES[150:])
    # one portion is gathered while the one before is let go
    assert max(store.most, other.most) - before < 2 * acts.PORTION + 3 < len(ACTS)
