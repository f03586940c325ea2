"""`archiver sweep` and `archiver replicate` as a user runs them."""

import pytest
from support.archives import letter
from support.commands import archiver, done
from support.estates import SECOND, Estate, kinds
from support.small import ingest

from archiver.package.layout import Kind

KEYS = {"objects", "bytes", "missing", "corrupt", "unexpected", "repaired", "oldest_unread_days"}


@pytest.fixture
def whole(estate: Estate) -> Estate:
    """The same, read back today by the clock on the wall, which the commands read."""
    done("replicate", config=estate.config)
    done("sweep", "--all", config=estate.config)
    return estate


def lost(estate: Estate, store: str = SECOND) -> str:
    name = kinds(estate.objects())[Kind.METADATA]
    estate.rot(store).destroy(name)
    return name


def test_a_damage_is_exit_code_1_until_it_is_repaired(whole: Estate) -> None:
    name = lost(whole)
    found = archiver("sweep", "--json", config=whole.config)
    assert found.code == 1
    assert found.json.keys() >= KEYS
    assert (found.json["missing"], found.json["repaired"]) == (1, 0)
    (finding,) = [item for item in found.json["findings"] if item["severity"] == "error"]
    assert (finding["code"], finding["subject"]) == ("SWEEP_MISSING", f"{SECOND}: {name}")
    assert archiver("sweep", config=whole.config).code == 1
    healed = done("sweep", "--repair", config=whole.config)
    assert (healed["missing"], healed["repaired"]) == (1, 1)
    assert done("sweep", config=whole.config)["missing"] == 0


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("it", ("Oggetto mancante", "riparato da", "promessa mantenuta", "al sicuro", "verbale: ")),
        ("en", ("Object missing", "repaired from", "promise kept", "safe on as many", "report: ")),
    ],
)
def test_people_are_told_in_their_language(whole: Estate, lang: str, words: tuple[str, ...]) -> None:
    config = whole.config.read_text(encoding="utf-8")
    assert 'language = "it"' in config or lang == "it"
    whole.config.write_text(config.replace('language = "it"', f'language = "{lang}"'), encoding="utf-8")
    name = lost(whole)
    text = archiver("sweep", config=whole.config).out + archiver("sweep", "--repair", config=whole.config).out
    assert [word for word in (*words, name) if word not in text] == []


@pytest.mark.parametrize("budget", ["100", "viel", "-1GB", "0h", "1.5GB", "12w", ""])
def test_a_budget_that_is_none_is_exit_code_2_and_says_how_to_write_one(estate: Estate, budget: str) -> None:
    found = archiver("sweep", f"--budget={budget}", config=estate.config)
    assert found.code == 2
    assert "100GB" in found.err


def test_budgets_as_people_write_them(whole: Estate) -> None:
    for budget in ("100GB", "1 MB", "30m", "2h", "1d"):
        assert done("sweep", "--budget", budget, config=whole.config)["objects"] > 0, budget


def test_everything_and_a_budget_exclude_each_other(estate: Estate) -> None:
    assert archiver("sweep", "--all", "--budget", "1GB", config=estate.config).code == 2


@pytest.mark.parametrize("command", ["sweep", "replicate"])
def test_two_at_once_are_refused_and_the_second_may_try_again(estate: Estate, command: str) -> None:
    with estate.open().alone(command):
        found = archiver(command, config=estate.config)
    assert found.code == 3
    assert "try again" in found.err


def test_a_store_that_is_away_is_named_and_exit_code_1(estate: Estate) -> None:
    ingest(estate.folder, [letter("nuova")], at=estate.at)
    estate.root(SECOND).rename(estate.folder / "away")
    for command in ("replicate", "sweep"):
        found = archiver(command, config=estate.config)
        assert found.code == 1, found
        assert f"store {SECOND}" in found.err


def test_replicate_says_what_it_did(estate: Estate) -> None:
    lost(estate)
    told = done("replicate", config=estate.config)
    assert told.keys() >= {"copied", "bytes", "read", "locked", "safe", "unsafe", "failures"}
    assert (told["safe"], told["unsafe"]) == (12, 0)
