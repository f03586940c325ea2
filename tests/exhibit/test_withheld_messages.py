"""Whoever may read some mailboxes only makes an exhibit of those; that there is more is said, and never denied."""

import json
from pathlib import Path

import pytest
from support.commands import archiver, done
from support.exhibits import unzipped
from support.small import few, make
from support.users import give_role

SENDING = {"inviato": 1, "accettazione": 1, "avvenuta-consegna": 1}
SILENT = "in archivio non c'è alcuna ricevuta di consegna"


@pytest.fixture
def two_boxes(tmp_path: Path) -> Path:
    """A sending whose sent copy lies in one mailbox, its receipts in another."""
    mail = few("2026-03-10", seed=9, wanted=SENDING)
    config = make(tmp_path / "archive", [raw for raw in mail if b"X-Ricevuta" not in raw]).folder / "archiver.toml"
    text = config.read_text(encoding="utf-8")
    own = text[text.index("[[mailbox]]") : text.index("# Classi di conservazione")]
    second = own.replace('name = "import"', 'name = "altra"').replace('id = "m-prova"', 'id = "m-altra"')
    config.write_text(text.replace(own, own + second), encoding="utf-8")
    (tmp_path / "receipts").mkdir()
    for number, raw in enumerate(mail):
        if b"X-Ricevuta" in raw:
            (tmp_path / "receipts" / f"{number}.eml").write_bytes(raw)
    done("ingest", "--from", tmp_path / "receipts", "--mailbox", "altra", config=config)
    return config


def test_an_exhibit_says_how_many_messages_its_maker_may_not_read_and_denies_none(
    two_boxes: Path, tmp_path: Path
) -> None:
    (sent,) = done("search", "--kind", "inviato", config=two_boxes)["results"]
    whole = done("show", sent["dossier"], config=two_boxes)
    give_role(two_boxes, "utente", mailboxes=("import",))
    path = tmp_path / "x.zip"
    answer = archiver("evidence", sent["dossier"], "-o", path, "--json", config=two_boxes)
    hidden = len(whole["messages"]) - 1
    assert (whole["withheld"], answer.json["messages"], answer.json["withheld"]) == (0, 1, hidden)
    assert "non può leggere" in answer.err
    files = unzipped(path)
    told = json.loads(files["data/dossier.json"])
    limits = [item["it"] for item in told["not_proven"]]
    said = f"{hidden} messaggi di questo fascicolo stanno in caselle che l'operatore non può leggere"
    assert any(item.startswith(said) for item in limits)
    assert not any(SILENT in item for item in limits)
    assert any("tra i messaggi esibiti non c'è alcuna ricevuta" in item for item in limits)
    html = files["index.html"].decode()
    assert "l&#x27;operatore non può leggere" in html[: html.index('id="verify"')]
    text = files["LEGGIMI.txt"].decode()
    assert f"*** {said[:40]}" in text[: text.index("PRIMA DI TUTTO")]
    assert not any(item["kind"] == "accettazione" for one in told["dossiers"] for item in one["messages"])


def test_who_may_read_all_is_told_of_nothing_withheld(two_boxes: Path, tmp_path: Path) -> None:
    (sent,) = done("search", "--kind", "inviato", config=two_boxes)["results"]
    path = tmp_path / "x.zip"
    assert archiver("evidence", sent["dossier"], "-o", path, "--json", config=two_boxes).json["withheld"] == 0
    assert "non può leggere" not in str(json.loads(unzipped(path)["data/dossier.json"]))


def test_show_says_a_line_of_what_its_reader_may_not_see(two_boxes: Path) -> None:
    (sent,) = done("search", "--kind", "inviato", config=two_boxes)["results"]
    assert "caselle che non si possono leggere" not in archiver("show", sent["dossier"], config=two_boxes).out
    give_role(two_boxes, "utente", mailboxes=("import",))
    shown = done("show", sent["dossier"], config=two_boxes)
    assert shown["withheld"] > 0
    assert (
        f"si possono leggere: quel che manca qui può stare lì: {shown['withheld']}"
        in archiver("show", sent["dossier"], config=two_boxes).out
    )
