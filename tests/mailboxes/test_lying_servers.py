"""A server that lies costs a clear report, and the next night, when it tells the truth, the archive is whole."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from simulator.dovecot import Dovecot
from support import letters
from support.archives import kept
from support.commands import archiver, done
from support.connected import connected
from support.liar import HangUp, Liar, Told

from archiver.digest import sha256

MAIL = {uid: letters.plain(uid) for uid in range(1, 21)}
VICTIM = 9


def wrong_uid(told: Told) -> Iterable[bytes]:
    return [told.answer.replace(b"UID 9 ", b"UID 77 ")]


def nil_body(told: Told) -> Iterable[bytes]:
    return [b"* 9 FETCH (UID 9 RFC822.SIZE 100 BODY[] NIL)\r\n" if told.body else told.answer]


def no_answer(told: Told) -> Iterable[bytes]:
    return [] if told.body else [told.answer]


def hangs_up(told: Told) -> Iterable[bytes]:
    if told.body:
        raise HangUp
    return [told.answer]


def wrong_size(told: Told) -> Iterable[bytes]:
    return [told.answer.replace(b"RFC822.SIZE ", b"RFC822.SIZE 9")]


LIES = {"wrong uid": wrong_uid, "nil": nil_body, "no answer": no_answer, "hangs up": hangs_up, "wrong size": wrong_size}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_about_one_message_is_reported_and_the_next_night_is_complete(tmp_path: Path, name: str) -> None:
    server = Dovecot(tmp_path / "certificate")  # never started: its certificate is what is needed
    with Liar(server.home, MAIL) as liar:
        liar.tells = lambda told: LIES[name](told) if told.uid == VICTIM else [told.answer]
        config = connected(tmp_path / "a", server, "studio", port=liar.port)
        first = archiver("ingest", "--json", config=config)
        told = first.json
        costs = 0 if name == "wrong size" else 1
        assert (first.code, told["new"], told["failed"], told["missing"]) == (costs, 20 - costs, costs, 0), told
        certificate = archiver("status", "--continuity", "studio", "--json", config=config)
        assert (certificate.code, certificate.json["complete"]) == (costs, not costs)
        liar.tells = lambda told: [told.answer]
        assert done("ingest", config=config)["new"] == costs
        assert done("status", "--continuity", "studio", config=config)["complete"]
    assert set(kept(config)) == {sha256(raw) for raw in MAIL.values()}
