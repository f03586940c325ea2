"""A handful of messages: what was read before anybody decided is packed as if it had been read afterwards."""

import pytest
from support import letters
from support.embedded import EVENING, the_box

from archiver.adapters.stores.memory import MemoryStore
from archiver.digest import sha256
from archiver.ingest import chunk as chunks
from archiver.ingest.chunk import Chunk, pack
from archiver.ingest.packer import Packer
from archiver.ports import Fetched

MAIL = [letters.plain(number) for number in range(5)]
WANTED = [True, False, True, False, True]


class Counting(Packer):
    """Says how often it read."""

    times = 0

    def read(self, *message):  # type: ignore[no-untyped-def]
        self.times += 1
        return super().read(*message)


@pytest.fixture(autouse=True)
def _two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "SOME", 2)


def packed(early: int) -> tuple[list[tuple[str, int]], int]:
    """The messages of the segment and where they lie, and how often one was read, with so many looks at it early."""
    packer = Counting(the_box(), MemoryStore(), letters.providers(), EVENING)
    chunk = Chunk()
    for number, raw in enumerate(MAIL):
        chunk.add(Fetched(raw, f"UIDVALIDITY=7;UID={number + 1}", "INBOX", EVENING, number + 1))
    assert [chunk.read_on(packer) for _ in range(early)] == [2 * number < len(MAIL) for number in range(early)]
    assert list(pack(chunk, WANTED, packer)) == []
    assert (chunk.messages, chunk.taken) == ([], [])
    [segment] = packer.flush()
    return [(kept.row.sha256, kept.row.offset) for kept in segment.kept], packer.times


@pytest.mark.parametrize(("early", "times"), [(1, 4), (2, 5), (3, 5), (4, 5)])
def test_what_was_read_early_is_read_once_and_packed_where_it_is_wanted(early: int, times: int) -> None:
    late, read = packed(0)
    assert read == 3
    assert {digest for digest, _ in late} == {sha256(MAIL[number]) for number in (0, 2, 4)}
    assert packed(early) == (late, times)
