"""An exhibit for one recipient: nothing but the sent copy and the acceptance names anybody else."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.commands import archiver, done
from support.exhibits import Shelf, exhibited, judged, unzipped
from support.small import EVENING, Files

from archiver.access.exhibit.told import only as told_only
from archiver.package.exhibit import layout
from archiver.package.exhibit.layout import Kind
from archiver.pec import daticert, mime, provider
from archiver.verdict import Indication

AFTER = EVENING.replace(year=2027)


@pytest.fixture(scope="module")
def shown(shelf: Shelf) -> dict[str, Any]:
    return done("show", shelf.sent, config=shelf.config)


@pytest.fixture(scope="module")
def chosen(shown: dict[str, Any]) -> str:
    return next(item["address"] for item in shown["recipients"] if item["state"] == "delivered")


@pytest.fixture(scope="module")
def narrow(shelf: Shelf, chosen: str, tmp_path_factory: pytest.TempPathFactory) -> Files:
    path = tmp_path_factory.mktemp("narrow") / "uno.zip"
    return unzipped(exhibited(shelf, path, shelf.sent, recipient=chosen))


def test_it_holds_the_sent_copy_the_acceptance_and_that_recipients_receipts(
    narrow: Files, shown: dict[str, Any], chosen: str
) -> None:
    assert len(shown["recipients"]) > 1
    messages = [octets for path, octets in narrow.items() if (one := layout.parse(path)) and one.kind is Kind.MESSAGE]
    assert 0 < len(messages) < len(shown["messages"])
    for raw in messages:
        part = provider.parts_of(raw).daticert
        read = daticert.read(mime.content(raw, part, len(raw)), "x")[0] if part else None
        assert read is None or read.consegna in ("", chosen)
    assert judged(narrow, at=AFTER).indication is Indication.PASSED


def test_no_other_recipient_is_named_but_in_those_two_documents(
    narrow: Files, shown: dict[str, Any], chosen: str
) -> None:
    others = [item["address"] for item in shown["recipients"] if item["address"] != chosen]
    told = json.loads(narrow["data/dossier.json"])
    of_all = {"inviato", "accettazione", "posta-certificata"}
    for dossier in told["dossiers"]:
        rest = {key: value for key, value in dossier.items() if key != "messages"}
        assert [item["address"] for item in dossier["recipients"]] == [chosen]
        pieces = [item for item in dossier["messages"] if item["kind"] not in of_all]
        heads = [{**item, "headers": 0, "text": 0, "html": 0, "inner": 0} for item in dossier["messages"]]
        for other in others:
            assert other not in json.dumps([rest, heads])
            assert other not in json.dumps([item["headers"] for item in pieces])
    rest = {key: value for key, value in told.items() if key != "dossiers"}
    assert not any(other in json.dumps(rest) for other in others)
    assert any(chosen in item["it"] for item in told["not_proven"])


def test_a_stranger_is_refused_with_the_way_to_see_who_there_is(
    shelf: Shelf, shown: dict[str, Any], tmp_path: Path
) -> None:
    answer = archiver(
        "evidence", shelf.sent, "-o", tmp_path / "x.zip", "--recipient", "x@y.example", config=shelf.config
    )
    assert answer.code == 2
    assert "archiver show" in answer.err
    assert not any(item["address"] in answer.err for item in shown["recipients"])  # nobody has registered a look yet


def test_that_some_documents_name_everybody_is_said_where_there_are_others(
    shelf: Shelf, narrow: Files, tmp_path: Path
) -> None:
    told = json.loads(narrow["data/dossier.json"])
    assert any("nominano tutti i destinatari" in item["it"] for item in told["not_proven"])
    whole = json.loads(unzipped(exhibited(shelf, tmp_path / "x.zip", shelf.sent))["data/dossier.json"])
    assert not any("nominano tutti" in item["it"] for item in whole["not_proven"])


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_recipient_is_refused_and_does_not_mean_all(shelf: Shelf, tmp_path: Path, blank: str) -> None:
    answer = archiver("evidence", shelf.sent, "-o", tmp_path / "x.zip", "--recipient", blank, config=shelf.config)
    assert answer.code == 2
    assert "--recipient" in answer.err
    assert not (tmp_path / "x.zip").exists()


def test_an_address_within_another_is_not_that_recipient() -> None:
    to = ["rossi@pec.it", "m.rossi@pec.it", "Mario <ROSSI@pec.it>", "rossi@pec.it.example", '"rossi@pec.it" <x@y.it>']
    told = told_only({"messages": [{"to": to}], "original": None}, "rossi@pec.it")
    assert told["messages"][0]["to"] == ["rossi@pec.it", "Mario <ROSSI@pec.it>"]
