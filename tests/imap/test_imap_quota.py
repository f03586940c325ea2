"""How full a mailbox is, as servers write it (RFC 9208); the real one is asked in tests/night."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from archiver.adapters.imap.quota import quota
from archiver.ports import Quota

ANSWERS: dict[str, tuple[tuple[bytes, ...], Quota | None]] = {
    "one root": ((b'* QUOTAROOT INBOX ""', b'* QUOTA "" (STORAGE 10 512)'), Quota(10 << 10, 512 << 10)),
    "messages beside": ((b'* QUOTA "User quota" (MESSAGE 3 1000 STORAGE 7 9)',), Quota(7 << 10, 9 << 10)),
    "the tightest of two": ((b"* QUOTA a (STORAGE 1 10)", b"* QUOTA b (storage 9 10)"), Quota(9 << 10, 10 << 10)),
    "no limit": ((b'* QUOTA "" ()',), None),
    "messages only": ((b'* QUOTA "" (MESSAGE 1 2)',), None),
    "a limit of nothing": ((b'* QUOTA "" (STORAGE 1 0)',), None),
    "nothing": ((), None),
}


class Told:
    """A connection on which these answers come."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self.lines = lines
        self.asked: list[Any] = []

    def command(self, *parts: bytes | str, take: Callable[[bytes, Sequence[bytes]], object]) -> None:
        self.asked.append(parts)
        for line in self.lines:
            take(line + b"\r\n", ())


@pytest.mark.parametrize("name", ANSWERS)
def test_what_servers_say(name: str) -> None:
    lines, expected = ANSWERS[name]
    wire = Told(lines)
    assert quota(wire) == expected  # type: ignore[arg-type]
    assert wire.asked == [("GETQUOTAROOT", b"INBOX")]


@pytest.mark.parametrize("line", [b"* QUOTA root", b"* QUOTA (STORAGE 1 2)", b"* QUOTA r (STORAGE x 2)"])
def test_what_is_no_answer_breaks_the_connection(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"QUOTA|invalid literal"):
        quota(Told([line]))  # type: ignore[arg-type]
