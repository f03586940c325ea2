"""`archiver log`: the register page by page, judged from the store, and copied so that anybody can check it by hand."""

import csv
import io
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from support.commands import archiver, done
from support.small import HOLDER, few, ingest, seal
from support.tools import tool

from archiver import compose
from archiver.compose.register import register
from archiver.digest import sha256
from archiver.package import layout
from archiver.package.act import ActKind

DAY = datetime(2026, 3, 1, 9, tzinfo=UTC)
MESSAGE, OTHER = sha256(b"uno"), sha256(b"altro")
DONE: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("search", "rossi", {"filters": ["from"], "results": 3, "more": True, "question": sha256(b"q")}, "=prot. 7"),
    ("show", "rossi", {"dossier": MESSAGE, "messages": [MESSAGE]}, "causa 12"),
    ("show", "verdi", {"dossier": OTHER, "messages": [OTHER]}, ""),
    ("evidence", "verdi", {"dossiers": [OTHER]}, "deposito"),
)


@pytest.fixture(scope="session")
def written(taken_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four acts on four days; the night after the third covered what was there. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("written") / "archive"
    shutil.copytree(taken_in, folder)
    for number, (kind, who, what, reason) in enumerate(DONE):
        at = DAY + number * timedelta(days=1)
        archive = compose.open_archive(folder / "archiver.toml", environ={}, clock=lambda at=at: at, login=who)
        register(archive, holders=[HOLDER], kind=kind, what=what, reason=reason, clock=archive.clock)
        if number == 2:
            seal(folder, at=at + timedelta(hours=12))
    return folder / "archiver.toml"


ASKED: dict[str, tuple[tuple[str, ...], list[int]]] = {
    "everything": ((), [4, 3, 2, 1]),
    "since a day": (("--since", "2026-03-03"), [4, 3]),
    "until a day, that day too": (("--until", "2026-03-03"), [3, 2, 1]),
    "who": (("--who", "rossi"), [2, 1]),
    "kind": (("--kind", "show"), [3, 2]),
    "about a message": (("--about", MESSAGE), [2]),
    "about the beginning of a digest": (("--about", OTHER[:6].upper()), [4, 3]),
    "all together": (("--kind", "show", "--who", "verdi", "--since", "2026-03-02"), [3]),
}


@pytest.mark.parametrize("asked", ASKED)
def test_acts_are_shown_by_what_is_asked_the_newest_first(written: Path, asked: str) -> None:
    options, expected = ASKED[asked]
    found = done("log", "show", *options, config=written)
    assert [item["number"] for item in found["acts"]] == expected
    assert found["next"] is None


def test_pages_follow_one_another_without_a_gap(written: Path) -> None:
    first = done("log", "show", "--limit", "3", config=written)
    second = done("log", "show", "--limit", "3", "--after", first["next"], config=written)
    assert [item["number"] for item in (*first["acts"], *second["acts"])] == [4, 3, 2, 1]
    assert second["next"] is None
    assert archiver("log", "show", "--after", "x", config=written).code == 2


def test_an_act_tells_who_when_what_why_and_whether_evidence_covers_it(written: Path) -> None:
    newest, *_, oldest = done("log", "show", config=written)["acts"]
    assert oldest["what"] == DONE[0][2]
    assert (oldest["who"], oldest["role"], oldest["reason"]) == ("rossi", "responsabile", "=prot. 7")
    assert (oldest["at"], oldest["proven"], newest["proven"]) == (DAY.isoformat(), True, False)


@pytest.mark.parametrize(("lang", "words"), [("it", ("ricerca", "motivo", "da coprire")), ("en", ("search", "reason"))])
def test_people_read_it_in_their_language(written: Path, lang: str, words: tuple[str, ...]) -> None:
    found = archiver("--lang", lang, "log", "show", config=written)
    assert (found.code, found.err) == (0, "")
    for word in (*words, "causa 12", MESSAGE[:16], "2026-03-02 09:00:00Z"):
        assert word in found.out


def test_a_message_is_named_by_its_dossier_too(written: Path, tmp_path: Path) -> None:
    folder = copied(written, tmp_path)
    hit = done("search", "--kind", "posta-certificata", config=folder)["results"][0]
    shown = done("show", hit["dossier"], config=folder)
    for name in (hit["message_id"], shown["identificativo"]):
        assert [item["kind"] for item in done("log", "show", "--about", name, config=folder)["acts"]] == ["show"]
    missing = archiver("log", "show", "--about", "nessuno@pec.it", config=folder)
    assert (missing.code, missing.out) == (1, "")
    assert "nessuno@pec.it" in missing.err


def test_a_table_is_for_spreadsheets_and_holds_no_formula(written: Path) -> None:
    found = archiver("log", "show", "--csv", "--limit", "2", config=written)
    head, *rows = list(csv.reader(io.StringIO(found.out)))
    assert [dict(zip(head, row, strict=True))["number"] for row in rows] == ["4", "3"]
    assert "--after" in found.err
    everything = archiver("log", "show", "--csv", config=written).out
    assert "'=prot. 7" in everything
    assert archiver("log", "show", "--csv", "--json", config=written).code == 2


def test_an_empty_register_shows_nothing(config: Path) -> None:
    assert done("log", "show", config=config) == {"acts": [], "next": None}
    found = done_or_not("log", "verify", config=config)
    assert (found["indication"], found["registers"][0]["findings"][0]["code"]) == ("INDETERMINATE", "REGISTER_EMPTY")


def done_or_not(*arguments: object, config: Path) -> dict[str, Any]:
    return archiver(*arguments, "--json", config=config).json


def test_the_register_is_judged_from_the_store(written: Path) -> None:
    (found,) = done("log", "verify", config=written)["registers"]
    assert (found["indication"], found["acts"], found["covered"], found["heads"]) == ("PASSED", 4, 3, 1)
    assert found["proven_at"][:13] == "2026-03-03T21"
    for lang, word in (("it", "4 atti, 3 provati"), ("en", "4 acts, 3 proven")):
        assert word in archiver("--lang", lang, "log", "verify", config=written).out


def copied(written: Path, folder: Path) -> Path:
    """The same archive, to be spoilt."""
    shutil.copytree(written.parent, folder / "copy")
    return folder / "copy" / "archiver.toml"


def files(config: Path) -> list[Path]:
    return sorted((config.parent / "store" / HOLDER / "acts").glob("*.json"))


SPOILT = {
    "the first is gone": (0, None, "ACT_MISSING"),
    "the covered one is gone": (2, None, "MISSING"),
    "the last is gone, which only the catalog knows": (3, None, "MISSING"),
    "one is altered": (1, b"verdi", "ACT_UNREADABLE"),
}


TAKEN_AWAY = {
    "the head that evidence covers, and its evidence": [(2, ".json"), (2, ".local.000001.ers")],
    "the same, and all behind it": [(2, ".json"), (2, ".local.000001.ers"), (3, ".json")],
    "everything": [(2, ".local.000001.ers"), *((number, ".json") for number in range(4))],
    "the evidence alone": [(2, ".local.000001.ers")],
}


@pytest.mark.parametrize("taken", TAKEN_AWAY)
def test_whatever_the_catalog_knows_of_a_register_is_missed(written: Path, tmp_path: Path, taken: str) -> None:
    config = copied(written, tmp_path)
    acts = files(config)
    away = [acts[number].with_suffix("").with_name(acts[number].stem + end) for number, end in TAKEN_AWAY[taken]]
    for path in away:
        path.unlink()
    found = archiver("log", "verify", "--json", config=config)
    assert (found.code, found.json["indication"]) == (1, "FAILED")
    missing = [item["subject"] for item in found.json["registers"][0]["findings"] if item["code"] == "MISSING"]
    assert sorted(missing) == sorted(f"{HOLDER}/acts/{path.name}" for path in away)
    doctor = archiver("doctor", "--json", config=config)
    assert min(missing) in doctor.out


def test_a_store_alone_says_that_it_cannot_know_what_came_after_the_last_act(written: Path) -> None:
    found = archiver("verify", written.parent / "store", "--json", config=written).json
    (said,) = (item for item in found["findings"] if item["code"] == "REGISTER_END")
    assert (said["severity"], files(written)[-1].stem in said["text"]) == ("info", True)


def test_a_register_ahead_of_the_clock_is_told_of_wherever_a_person_looks(written: Path, tmp_path: Path) -> None:
    config = copied(written, tmp_path)
    for ahead, told in ((timedelta(minutes=30), False), (timedelta(hours=3), True)):
        at = datetime.now(UTC) + ahead
        archive = compose.open_archive(config, environ={}, clock=lambda at=at: at)
        register(archive, holders=[HOLDER], kind=ActKind.SEARCH, what={}, reason="", clock=archive.clock)
        date = f"{at:%Y-%m-%d %H:%M}"
        for command in (("log", "show"), ("status",), ("status", "--alerts"), ("doctor",)):
            found = archiver(*command, config=config)
            said = [line for line in (found.out + found.err).splitlines() if HOLDER in line and "orologio" in line]
            assert [date in line for line in said] == [True] * told, command


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_register_that_was_tampered_with_fails(written: Path, tmp_path: Path, spoilt: str) -> None:
    number, octets, code = SPOILT[spoilt]
    config = copied(written, tmp_path)
    file = files(config)[number]
    if octets is None:
        file.unlink()
    else:
        file.chmod(0o644)
        file.write_bytes(file.read_bytes().replace(b"rossi", octets))
    found = archiver("log", "verify", "--json", config=config)
    assert (found.code, found.json["indication"]) == (1, "FAILED")
    assert code in {item["code"] for item in found.json["registers"][0]["findings"]}
    shown = archiver("log", "show", "--json", config=config)
    assert (shown.code, [item["trouble"] is not None for item in shown.json["acts"]].count(True)) == (0, 1)


def test_the_store_as_a_whole_is_judged_with_its_register(written: Path, tmp_path: Path) -> None:
    assert archiver("verify", written.parent / "store", "--trust", written.parent / "ca", config=written).code == 0
    config = copied(written, tmp_path)
    files(config)[0].unlink()
    found = archiver("verify", config.parent / "store", "--json", config=config)
    assert "ACT_MISSING" in {item["code"] for item in found.json["findings"]}


@pytest.fixture
def exported(written: Path, tmp_path: Path) -> Path:
    """A copy of the register in a folder."""
    config = copied(written, tmp_path)
    found = done("log", "export", "-o", tmp_path / "registro", "--reason", "ispezione", config=config)
    assert (found["acts"], found["records"], found["unreadable"]) == (5, 1, [])
    return tmp_path / "registro"


def shell(script: str, folder: Path) -> str:
    """What a script of the folder's own instructions says, run in a plain shell."""
    found = subprocess.run([tool("sh"), "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    return found.stdout + found.stderr


def by_hand(folder: Path) -> list[str]:
    """The two checks of the instructions, as they stand there."""
    text = (folder / "LEGGIMI.txt").read_text(encoding="utf-8").replace("HOLDER", HOLDER)
    blocks = [block for block in text.split("\n\n") if block.startswith("    ") and "for f in" in block]
    assert len(blocks) == 2
    return [blocks[0], f"cd store/{HOLDER}/acts\n{blocks[1]}"]


def test_anybody_can_check_the_exported_chain_with_sha256sum_and_sha512sum(exported: Path) -> None:
    assert [shell(script, exported) for script in by_hand(exported)] == ["", ""]
    assert shell("sha256sum --check --quiet SHA256SUMS", exported) == ""
    acts = sorted((exported / "store" / HOLDER / "acts").glob("*.json"))
    changed = acts[1].read_bytes()
    acts[1].write_bytes(changed.replace(b"rossi", b"verdi"))
    assert all(acts[1].name in shell(script, exported) for script in by_hand(exported))
    acts[1].write_bytes(changed)
    acts[0].unlink()
    assert acts[0].name in shell(by_hand(exported)[0], exported)


def test_the_exported_register_is_judged_without_the_archive(exported: Path) -> None:
    found = archiver("verify", exported / "store", "--trust", exported / "anchors", "--json")
    assert (found.code, found.json["indication"]) == (0, "PASSED")
    record = next((exported / "store" / HOLDER / "acts").glob("*.ers"))
    covered = record.parent / f"{record.name.partition('.')[0]}.json"
    alone = archiver("verify", record, "--data", covered, "--trust", exported / "anchors", "--json")
    assert (alone.code, alone.json["indication"]) == (0, "PASSED")


def test_an_export_is_in_the_register_and_in_itself(exported: Path) -> None:
    rows = list(csv.DictReader((exported / "registro.csv").open(encoding="utf-8")))
    assert [(row["kind"], row["reason"]) for row in rows][-1] == ("export", "ispezione")
    events = etree.parse(exported / "premis.xml").findall("{*}event")
    assert [event.findtext("{*}eventType") for event in events] == [
        "search", "access", "access", "dissemination", "dissemination",
    ]  # fmt: skip
    linked = events[1].findtext("{*}linkingObjectIdentifier/{*}linkingObjectIdentifierValue")
    assert linked == MESSAGE


def test_an_export_never_writes_over_anything(exported: Path, written: Path) -> None:
    found = archiver("log", "export", "-o", exported, config=written)
    assert (found.code, found.out) == (4, "")
    assert str(exported) in found.err
    assert done("log", "show", "--limit", "1", config=written)["acts"][0]["kind"] == "evidence", "nothing was done"


def test_one_night_covers_any_number_of_accesses_with_one_record(config: Path) -> None:
    for _ in range(5):
        done("search", "fattura", config=config)
    ingest(config.parent, few("2026-02-11", seed=4, wanted={"posta-certificata": 1}), at=DAY)
    before = set(config.parent.rglob("*.ers"))
    seal(config.parent, at=DAY + timedelta(hours=12))
    new = [layout.parse(str(path.relative_to(config.parent / "store"))) for path in config.parent.rglob("*.ers")
           if path not in before]  # fmt: skip
    kinds = [parsed.kind.value for parsed in new if parsed]
    assert kinds.count("act-record") == 1
    (found,) = done("log", "verify", config=config)["registers"]
    assert (found["acts"], found["covered"], found["heads"]) == (5, 5, 1)


def test_every_kind_of_act_has_words() -> None:
    from archiver.access.registered.words import KINDS

    assert set(KINDS) == set(ActKind)
