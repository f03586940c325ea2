"""A restriction (GDPR 18): nobody finds, shows or exhibits the messages, everybody hears how many; nothing is lost."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.commands import archiver, done
from support.exhibits import unzipped
from support.users import give_role

from archiver import compose
from archiver.cli.door import now


def digests(config: Path, *arguments: object) -> list[str]:
    return [hit["dossier"] for hit in done("search", "--limit", "100", *arguments, config=config)["results"]]


def restrict(config: Path, *names: object) -> dict[str, Any]:
    return done("privacy", "restrict", *names, "--reason", "opposizione", config=config)


@pytest.fixture
def members(config: Path, sent: dict[str, Any]) -> set[str]:
    """The digests of all messages of the dossier."""
    shown = done("show", sent["dossier"], config=config)
    return {item["sha256"] for item in shown["messages"]}


def test_a_restricted_dossier_is_in_no_search_and_its_number_is_told(
    config: Path, sent: dict[str, Any], members: set[str]
) -> None:
    everything = digests(config)
    answer = restrict(config, sent["dossier"])
    assert (answer["changed"], answer["already"], len(answer["acts"])) == (len(members), 0, 1)
    assert len(members) > 1
    found = archiver("search", "--json", config=config)
    assert sorted(hit["dossier"] for hit in found.json["results"]) == sorted(set(everything) - members)
    assert found.json["restricted"] == len(members)
    assert f"{len(members)} messaggi a trattamento limitato" in found.err
    assert archiver("search", "--kind", "ordinario", "--json", config=config).json["restricted"] == 0


def test_pages_stay_full_and_end_when_nothing_follows(config: Path, sent: dict[str, Any], members: set[str]) -> None:
    everything = digests(config)
    restrict(config, sent["dossier"])
    expected = [one for one in everything if one not in members]
    for limit in (1, 2, 3):
        pages: list[list[str]] = []
        after: list[str] = []
        while True:
            found = done("search", "--limit", limit, *after, config=config)
            pages.append([hit["dossier"] for hit in found["results"]])
            if found["next"] is None:
                break
            after = ["--after", found["next"]]
        assert [one for page in pages for one in page] == expected
        assert all(len(page) == limit for page in pages[:-1])


def test_it_is_found_by_no_name_and_the_way_out_is_said(config: Path, sent: dict[str, Any], members: set[str]) -> None:
    restrict(config, sent["dossier"])
    names = [*members, sent["dossier"][:12], sent["message_id"], f"<{sent['message_id']}>"]
    for name in names:
        found = archiver("show", name, "--reason", "x", config=config)
        assert (found.code, found.out) == (1, "")
        assert "trattamento limitato" in found.err
        assert "--restricted" in found.err
        assert sent["subject"] not in found.err
    unknown = archiver("show", "0123456789abcdef", config=config)
    assert "limitato" not in unknown.err


def test_a_part_of_a_dossier_is_folded_without_it_and_counted(
    config: Path, sent: dict[str, Any], members: set[str]
) -> None:
    restrict(config, sent["dossier"], "--only")
    (delivery, *_) = sorted(members - {sent["dossier"]})
    shown = done("show", delivery, config=config)
    assert {item["sha256"] for item in shown["messages"]} == members - {sent["dossier"]}
    assert (shown["restricted"], shown["withheld"]) == (1, 0)
    assert "a trattamento limitato (GDPR, art. 18), non mostrati: 1" in archiver("show", delivery, config=config).out


def test_the_responsabile_shows_it_with_a_reason_which_the_register_keeps(
    config: Path, sent: dict[str, Any], members: set[str]
) -> None:
    restrict(config, sent["dossier"])
    without = archiver("show", sent["dossier"], "--restricted", config=config)
    assert (without.code, without.out) == (2, "")
    assert "--reason" in without.err
    shown = done("show", sent["dossier"], "--restricted", "--reason", "difesa in giudizio", config=config)
    assert {item["sha256"] for item in shown["messages"]} == members
    (act,) = done("log", "show", "--kind", "show", "--limit", "1", config=config)["acts"]
    assert (act["reason"], act["what"]["restricted"]) == ("difesa in giudizio", True)


@pytest.mark.parametrize("role", ["auditor", "utente", "operatore"])
def test_nobody_else_sees_it_or_decides_about_it(
    config: Path, sent: dict[str, Any], members: set[str], role: str
) -> None:
    restrict(config, sent["dossier"])
    give_role(config, role, mailboxes=("import",) if role == "utente" else ())
    shown = archiver("show", sent["dossier"], "--restricted", "--reason", "voglio", config=config)
    assert (shown.code, shown.out) == (2, "")
    assert "ruolo" in shown.err
    for words in (("lift", sent["dossier"]), ("restrict", sent["dossier"])):
        assert archiver("privacy", *words, "--reason", "x", config=config).code == 2
    assert archiver("privacy", "list", config=config).code == 2
    if role != "operatore":
        found = done("search", config=config)
        assert found["restricted"] == len(members)


def test_no_exhibit_holds_it_and_each_says_how_many_are_left_out(
    config: Path, sent: dict[str, Any], members: set[str], tmp_path: Path
) -> None:
    (delivery, *others) = sorted(members - {sent["dossier"]})
    restrict(config, sent["dossier"], "--only")
    found = archiver("evidence", delivery, "-o", tmp_path / "x.zip", "--json", config=config)
    assert (found.code, found.json["restricted"], found.json["messages"]) == (0, 1, 1 + len(others))
    assert "trattamento limitato" in found.err
    files = unzipped(tmp_path / "x.zip")
    assert not any(sent["dossier"] in name for name in files)
    told = json.loads(files["data/dossier.json"])
    assert any("1 messaggio di questo fascicolo è a trattamento limitato" in item["it"] for item in told["not_proven"])
    assert "trattamento limitato" in files["LEGGIMI.txt"].decode()
    assert done("verify", tmp_path / "x.zip", config=config)["indication"] == "PASSED"
    asice = archiver("evidence", delivery, "--format", "asice", "-o", tmp_path / "x.asice", "--json", config=config)
    assert (asice.json["messages"], asice.json["restricted"]) == (1 + len(others), 1)
    assert archiver("evidence", sent["dossier"], "-o", tmp_path / "y.zip", config=config).code == 1
    assert not (tmp_path / "y.zip").exists()


@pytest.mark.parametrize("asked", [(), ("--kind", "inviato", "--since", "2020-01-01"), ("studio",)])
def test_no_export_holds_it(
    config: Path, sent: dict[str, Any], members: set[str], tmp_path: Path, asked: tuple[str, ...]
) -> None:
    before = done("export", *asked, "-o", tmp_path / "before", "--format", "bag", config=config)
    restrict(config, sent["dossier"])
    found = archiver("export", *asked, "-o", tmp_path / "after", "--format", "bag", "--json", config=config)
    if "inviato" in asked:
        assert found.code == 2, "nothing is left to be exported"
        return
    lost = found.json["restricted"]
    assert 0 < lost <= len(members)
    assert found.json["messages"] == before["messages"] - lost
    assert (found.json["indication"], found.json["missing"]) == ("PASSED", 0)
    names = " ".join(str(path) for path in (tmp_path / "after").rglob("*"))
    assert not any(digest in names for digest in members)
    assert "limitato" in (tmp_path / "after" / "riepilogo.html").read_text(encoding="utf-8")


def test_it_is_swept_and_handed_over_all_the_same(
    config: Path, sent: dict[str, Any], members: set[str], tmp_path: Path
) -> None:
    before = done("sweep", "--all", config=config)["listed"]
    restrict(config, sent["dossier"])
    # beside the act: the report of the sweep before
    assert done("sweep", "--all", config=config)["listed"] >= before + 1
    done("export", "--everything", "-o", tmp_path / "whole", config=config)
    names = {path.name for path in (tmp_path / "whole").rglob("*.eml")}
    assert {f"{digest}.eml" for digest in members} <= names


def test_lifted_it_is_found_again_and_the_newest_act_holds(
    config: Path, sent: dict[str, Any], members: set[str]
) -> None:
    everything = digests(config)
    for _ in range(2):  # within one second, perhaps
        restrict(config, sent["dossier"])
        assert set(digests(config)) == set(everything) - members
        answer = done("privacy", "lift", sent["dossier"], "--reason", "verificata", config=config)
        assert (answer["changed"], answer["already"]) == (len(members), 0)
        assert digests(config) == everything
    kinds = [act["kind"] for act in done("log", "show", "--about", sent["dossier"], config=config)["acts"]]
    assert kinds.count("restricted") == kinds.count("lifted") == 2


def test_what_is_so_already_needs_no_act(config: Path, sent: dict[str, Any], members: set[str]) -> None:
    assert done("privacy", "lift", sent["dossier"], "--reason", "x", config=config)["acts"] == []
    restrict(config, sent["dossier"], "--only")
    answer = restrict(config, sent["dossier"])
    assert (answer["changed"], answer["already"]) == (len(members) - 1, 1)


def test_the_list_names_each_with_its_reason(config: Path, sent: dict[str, Any], members: set[str]) -> None:
    assert archiver("privacy", "list", config=config).out == "nessuna limitazione\n"
    restrict(config, sent["dossier"])
    found = done("privacy", "list", config=config)["restrictions"]
    assert {item["sha256"] for item in found} == members
    assert {item["reason"] for item in found} == {"opposizione"}


def test_an_act_holds_digests_and_no_address(config: Path, sent: dict[str, Any], members: set[str]) -> None:
    answer = restrict(config, sent["dossier"])
    (path,) = (config.parent / "store").glob(f"*/acts/{answer['acts'][0]}.json")
    told = json.loads(path.read_bytes())
    assert told["what"] == {"messages": sorted(members)}
    assert "@" not in path.read_text(encoding="utf-8")


def test_a_rebuilt_catalog_restricts_what_was_restricted(config: Path, sent: dict[str, Any], members: set[str]) -> None:
    everything = set(digests(config))
    restrict(config, sent["dossier"])
    done("privacy", "lift", sent["dossier"], "--only", "--reason", "x", config=config)
    for path in config.parent.glob("catalog.db*"):
        path.unlink()
    done("catalog", "rebuild", "--jobs", "1", config=config)
    assert set(digests(config)) == everything - members | {sent["dossier"]}


def test_an_act_that_the_catalog_missed_takes_effect_when_it_is_caught_up(
    config: Path, sent: dict[str, Any], members: set[str], tmp_path: Path
) -> None:
    shutil.copytree(config.parent, tmp_path / "other")
    other = tmp_path / "other" / "archiver.toml"
    (act,) = restrict(config, sent["dossier"])["acts"]
    name = f"h-prova/acts/{act}.json"
    shutil.copy(config.parent / "store" / name, tmp_path / "other" / "store" / name)
    archive = compose.open_archive(other, environ={}, clock=now)
    assert {item.sha256 for item in compose.restrictions(archive)} == members
    assert not members & set(digests(other))


REFUSED = {
    "no reason": (("restrict", "DIGEST"), 2, "--reason"),
    "an empty reason": (("restrict", "DIGEST", "--reason", " "), 2, "--reason"),
    "no such message": (("restrict", "0123456789abcdef", "--reason", "x"), 1, "no message"),
    "a dossier's name with --only": (("restrict", "MSGID", "--only", "--reason", "x"), 2, "digest of a message"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_restricted_is_refused_and_nothing_is_written(
    config: Path, sent: dict[str, Any], case: str
) -> None:
    words, code, said = REFUSED[case]
    before = len(done("log", "show", config=config)["acts"])
    real = {"DIGEST": sent["dossier"], "MSGID": sent["message_id"]}
    found = archiver("privacy", *(real.get(word, word) for word in words), config=config)
    assert (found.code, found.out) == (code, "")
    assert said in found.err
    assert len(done("log", "show", config=config)["acts"]) == before
