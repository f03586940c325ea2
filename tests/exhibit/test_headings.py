"""What an exhibit is headed with: who wrote, by the message itself, and what the providers say where it differs."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.exhibits import Shelf, exhibited, unzipped
from support.pieces import ACCEPTED, notice

from archiver.access.exhibit.brief import LINE, MARKS, calm, line
from archiver.access.exhibit.page.dossier import dossier as section
from archiver.access.exhibit.page.text import foreign
from archiver.access.exhibit.page.timeline import drawn
from archiver.access.exhibit.rapporto.events import drawn as dots
from archiver.access.exhibit.timeline import FIRST_NOTICE, SECOND_NOTICE, timeline
from archiver.access.exhibit.told import written
from archiver.access.show import Shown
from archiver.access.told import Told
from archiver.pec.dossier import fold

PROVIDER, ME = "posta-certificata@gestore.example", "rossi@pec.example"

HEADED = {
    "the provider agrees": ((ME, PROVIDER), f"Mario Rossi <{ME}>", {"envelope": PROVIDER}),
    "the provider states another": ((ME, PROVIDER), "Re <altri@x.example>", {"envelope": PROVIDER, "declared": ME}),
    "the provider states one within another": ((ME, PROVIDER), f"x <m.{ME}>", {"envelope": PROVIDER, "declared": ME}),
    "nothing is stated": ((PROVIDER, ""), f"Mario Rossi <{ME}>", {"envelope": PROVIDER}),
    "the message does not say": ((ME, PROVIDER), "", {"envelope": PROVIDER}),
}


@pytest.mark.parametrize("name", HEADED)
def test_a_message_received_is_headed_by_the_one_inside(name: str) -> None:
    (stated, envelope), wrote, more = HEADED[name]
    original = {"source": "posta-certificata", "sha256": "aa", "from": stated, "subject": "POSTA CERTIFICATA: x"}
    headers = [["From", wrote], ["Subject", "dentro"]] if wrote else [["Subject", "dentro"]]
    shown = [{"sha256": "aa", "inner": {"headers": headers}}]
    found = written(original | ({"envelope": envelope} if envelope else {}), shown)
    assert found == {**original, **more, "from": wrote or stated, "subject": "dentro"}


def test_what_was_sent_is_headed_by_itself() -> None:
    original = {"source": "inviato", "sha256": "aa", "from": ME, "subject": "x"}
    forwarded = [{"sha256": "aa", "inner": {"headers": [["From", "altri@x.example"]]}}]
    assert written(original, forwarded) == original


def test_page_and_account_of_a_message_received_name_who_wrote_it(shelf: Shelf, tmp_path: Path) -> None:
    files = unzipped(exhibited(shelf, tmp_path / "x.zip", shelf.received))
    (told,) = json.loads(files["data/dossier.json"])["dossiers"]
    (message,) = told["messages"]
    wrote = dict(message["inner"]["headers"])
    assert (told["original"]["from"], told["subject"]) == (wrote["From"], wrote["Subject"])
    assert told["original"]["envelope"] in message["from"]
    assert told["original"]["envelope"] not in wrote["From"]
    html = section(told, 1, readable=False, lang="it")
    assert html.count(foreign(wrote["From"])) == 2
    assert html.count("busta di trasporto da") == 2  # of the dossier, and of its message


def test_the_two_notices_that_time_ran_out_are_told_apart_in_account_page_and_report() -> None:
    shown = Shown(Told(fold([ACCEPTED, notice(12), notice(24, "24 ore")])), (), (), {})
    _, first, second = timeline(shown, (), "")
    assert (first["kind"], second["kind"]) == (FIRST_NOTICE, SECOND_NOTICE)
    assert first["it"].startswith("Avviso delle 12 ore")
    assert second["it"].startswith("Avviso delle 24 ore")
    assert first["en"] != second["en"]
    events: list[dict[str, Any]] = [first, second]
    html = drawn(events, name="x")
    assert (html.count('<li class="warned">'), html.count('<li class="failed">')) == (1, 1)
    assert [dot["tone"] for dot in dots(events, "it")["dots"]] == ["doubt", "bad"]


def test_a_line_of_a_stranger_is_cut_and_its_combining_marks_too() -> None:
    assert line("x" * LINE) == "x" * LINE
    assert line("x" * 300_000) == "x" * (LINE - 1) + "\u2026"
    assert line("a" + "\u0301" * 5_000) == "a" + "\u0301" * MARKS + "\u2026"
    assert calm("a" + "\u0301" * 500 + "b") == "a" + "\u0301" * MARKS + "\u2026b"
    assert calm("perche\u0301 e\u0323\u0301" * 99) == "perche\u0301 e\u0323\u0301" * 99


def test_a_long_subject_is_cut_wherever_it_is_told() -> None:
    long = "A" * 300_000
    original = {"source": "posta-certificata", "sha256": "aa", "from": ME, "subject": "x"}
    shown = [{"sha256": "aa", "inner": {"headers": [["From", f"{long} <{ME}>"], ["Subject", long]]}}]
    found = written(original, shown)
    assert found is not None
    assert [len(found[key]) for key in ("from", "subject")] == [LINE, LINE]
    alone = written({"source": "inviato", "sha256": "aa", "from": ME, "subject": long}, [])
    assert alone is not None
    assert len(alone["subject"]) == LINE
