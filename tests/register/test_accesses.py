"""Who searches and looks is in the register before anything is shown, and nothing that was searched for is."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.alike import alike
from support.commands import archiver, done, process
from support.small import ADDRESS, few, ingest
from support.users import give_role

from archiver import compose
from archiver.cli.door import login
from archiver.compose.register import register
from archiver.compose.roles import Right
from archiver.errors import Busy, ConfigError
from archiver.package import act
from archiver.package.act import Act

TERM = "Mario"


def acts(config: Path) -> list[Act]:
    """The register, by number, as it lies in the store."""
    files = (config.parent / "store").glob("*/acts/*.json")
    return sorted((act.read(file.read_bytes()) for file in files), key=lambda item: (item.holder, item.number))


def first(config: Path) -> str:
    """The digest of a message."""
    found: str = done("search", "--kind", "posta-certificata", config=config)["results"][0]["dossier"]
    return found


def test_a_search_is_registered_with_its_filters_and_counts_and_without_its_terms(config: Path) -> None:
    found = done(
        "search", TERM, "--since", "2026-01-01", "--limit", "2", "--reason", "richiesta prot. 7", config=config
    )
    (written,) = acts(config)
    assert (written.kind, written.who, written.role) == ("search", login(), "responsabile")
    assert written.reason == "richiesta prot. 7"
    assert written.what["filters"] == ["since", "terms"]
    assert written.what["results"] == len(found["results"])
    assert written.what["more"] is (found["next"] is not None)
    assert set(written.what) == {"filters", "results", "more", "question"}
    (file,) = (config.parent / "store").glob("*/acts/*.json")
    assert TERM.encode() not in file.read_bytes()


def test_the_digest_of_a_question_can_be_computed_by_whoever_knows_it(config: Path) -> None:
    done("search", TERM, "--from", "rossi", config=config)
    asked = json.dumps({"from": "rossi", "terms": [TERM]}, sort_keys=True, separators=(",", ":"))
    assert acts(config)[0].what["question"] == hashlib.sha256(asked.encode()).hexdigest()


def test_a_search_that_finds_nothing_is_registered_too(config: Path) -> None:
    done("search", "nessunodiquesti", config=config)
    assert acts(config)[0].what["results"] == 0


def test_a_dossier_shown_is_registered_with_the_digests_of_its_messages(config: Path) -> None:
    digest = first(config)
    shown = done("show", digest[:12], "--reason", "causa 12/2026", config=config)
    written = acts(config)[-1]
    assert (written.kind, written.reason) == ("show", "causa 12/2026")
    assert written.what["dossier"] == shown["dossier"]
    assert written.what["messages"] == sorted(item["sha256"] for item in shown["messages"])


def test_each_act_follows_the_one_before_it(config: Path) -> None:
    digest = first(config)
    for _ in range(3):
        archiver("show", digest, config=config)
    written = acts(config)
    assert [item.number for item in written] == [1, 2, 3, 4]
    assert [item.previous and item.previous.id for item in written] == [None, *(item.id for item in written[:-1])]
    assert archiver("log", "verify", config=config).code == 0


def test_what_cannot_be_registered_is_not_shown(config: Path) -> None:
    digest = first(config)
    folder = config.parent / "store" / "h-prova" / "acts"
    folder.chmod(0o555)
    try:
        for command in (["show", digest], ["search", TERM]):
            found = process("--config", config, *command, folder=config.parent, mortal=True)
            assert (found.code, found.out) == (3, ""), found
            assert "acts" in found.err
    finally:
        folder.chmod(0o755)
    assert len(acts(config)) == 1


def test_a_reason_may_be_obligatory(config: Path) -> None:
    with config.open("a", encoding="utf-8") as file:
        file.write("\n[access]\nreason = true\n")
    for command in (["search", TERM], ["show", "0000"], ["search", TERM, "--reason", "  "]):
        found = archiver(*command, config=config)
        assert (found.code, found.out) == (2, ""), command
        assert "--reason" in found.err
    assert archiver("search", TERM, "--reason", "ispezione", config=config).code == 0
    assert [item.reason for item in acts(config)] == ["ispezione"]


@pytest.mark.parametrize("reason", ["a\nb", "x" * 1001, "a\u202eb"], ids=["two lines", "without end", "turned around"])
def test_a_reason_that_cannot_be_kept_shows_nothing(config: Path, reason: str) -> None:
    found = archiver("search", TERM, "--reason", reason, config=config)
    assert (found.code, found.out, acts(config)) == (2, "", [])
    assert "--reason" in found.err


def test_choices_between_dossiers_are_an_access_too(config: Path) -> None:
    twins, name = alike()
    ingest(config.parent, twins, at=datetime(2026, 2, 21, tzinfo=UTC))
    shown = archiver("show", name, config=config)
    assert shown.code == 2
    assert "several dossiers" in shown.err
    assert [item.what["choices"] for item in acts(config)] == [True]


def test_many_at_once_stand_in_one_chain(config: Path) -> None:
    def one(number: int) -> dict[str, str]:
        archive = compose.open_archive(
            config, environ={}, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC), login="rossi"
        )
        what = {"messages": [], "results": number}
        return register(archive, holders=["h-prova"], kind="search", what=what, reason="", clock=archive.clock)

    with ThreadPoolExecutor(4) as pool:
        made = [done["h-prova"] for done in pool.map(one, range(12))]
    written = acts(config)
    assert sorted(made) == sorted(item.id for item in written)
    assert [item.number for item in written] == list(range(1, 13))
    assert len({item.at for item in written}) == 1, "one second holds as many as there are"


def test_whoever_waits_too_long_for_the_register_shows_nothing(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.compose.register.PATIENCE", 0.1)
    archive = compose.open_archive(config, environ={}, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC))
    with archive.catalog.exclusive("register-h-prova", busy="-"), pytest.raises(Busy, match="registro di h-prova"):
        compose.search(other(config), compose.Query(terms=(TERM,)), mailbox=None, limit=5, after=None)
    assert acts(config) == []


def other(config: Path, *, login: str = "") -> compose.Archive:
    """The archive as another process opens it."""
    return compose.open_archive(config, environ={}, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC), login=login)


def test_no_act_is_dated_before_the_one_it_follows(config: Path) -> None:
    for day in (5, 3, 9):
        archive = compose.open_archive(config, environ={}, clock=lambda day=day: datetime(2026, 3, day, tzinfo=UTC))  # type: ignore[misc]
        register(archive, holders=["h-prova"], kind="show", what={}, reason="", clock=archive.clock)
    assert [item.at.day for item in acts(config)] == [5, 5, 9]


def test_a_run_that_was_cut_behind_its_act_is_followed_all_the_same(config: Path) -> None:
    done("search", TERM, config=config)
    forget(config)
    done("search", TERM, config=config)
    assert [item.number for item in acts(config)] == [1, 2]


def forget(config: Path) -> None:
    """The catalog loses its index of acts, as one does that was put back."""
    from sqlalchemy import create_engine, text

    engine = create_engine(f"sqlite:///{config.parent}/catalog.db")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM act"))
        connection.execute(text("DELETE FROM about"))
    engine.dispose()


def test_a_catalog_that_was_put_back_does_not_fork_the_register(config: Path) -> None:
    done("search", TERM, config=config)
    catalog, backup = config.parent / "catalog.db", config.parent / "backup.db"
    copy(catalog, backup)
    for _ in range(3):
        done("search", TERM, config=config)
    copy(backup, catalog)
    done("search", TERM, config=config)
    assert [item.number for item in acts(config)] == [1, 2, 3, 4, 5]
    assert archiver("log", "verify", config=config).code == 0


def copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def test_what_does_not_belong_into_an_act_is_refused_and_writes_nothing(config: Path) -> None:
    archive = other(config)
    with pytest.raises(ValueError, match="plain"):
        register(archive, holders=["h-prova"], kind="show", what={"to": ADDRESS}, reason="", clock=archive.clock)
    with pytest.raises(ValueError, match="nonsense"):
        register(archive, holders=["h-prova"], kind="nonsense", what={}, reason="", clock=archive.clock)
    assert acts(config) == []


# --- utente


@pytest.fixture
def two_boxes(config: Path) -> Path:
    """A second mailbox, into which the receipts of a sending come; whoever runs the tests may read the first only."""
    text = config.read_text(encoding="utf-8")
    own = text[text.index("[[mailbox]]") : text.index("# Classi di conservazione")]
    second = own.replace('name = "import"', 'name = "altra"').replace('id = "m-prova"', 'id = "m-altra"')
    config.write_text(text.replace(own, own + second), encoding="utf-8")
    mail = few("2026-03-10", seed=9, wanted={"inviato": 1, "accettazione": 1, "avvenuta-consegna": 1})
    (config.parent / "sent").mkdir()
    (config.parent / "receipts").mkdir()
    for number, raw in enumerate(mail):
        folder = "sent" if b"X-Ricevuta" not in raw else "receipts"
        (config.parent / folder / f"{number}.eml").write_bytes(raw)
    for folder, box in (("sent", "import"), ("receipts", "altra")):
        done("ingest", "--from", config.parent / folder, "--mailbox", box, config=config)
    return config


Asked = Callable[[Path, dict[str, Any]], tuple[str, ...]]
HIDDEN: dict[str, Asked] = {
    "by digest": lambda config, hit: ("show", hit["dossier"]),
    "by the beginning of its digest": lambda config, hit: ("show", hit["dossier"][:10]),
    "by Message-ID": lambda config, hit: ("show", hit["message_id"]),
}


@pytest.mark.parametrize("asked", HIDDEN)
def test_messages_of_other_mailboxes_are_not_there_for_an_utente(two_boxes: Path, asked: str) -> None:
    hits = done("search", "--mailbox", "altra", config=two_boxes)["results"]
    assert hits
    give_role(two_boxes, "utente", mailboxes=("import",))
    command = HIDDEN[asked](two_boxes, hits[0])
    found = archiver(*command, config=two_boxes)
    nothing = archiver("show", "0" * 64, config=two_boxes)
    assert (found.code, found.out) == (nothing.code, nothing.out) == (1, "")


def test_an_utente_finds_and_sees_its_own_mailboxes_only(two_boxes: Path) -> None:
    everything = {hit["dossier"] for hit in done("search", "--limit", "1000", config=two_boxes)["results"]}
    others = {hit["dossier"] for hit in done("search", "--mailbox", "altra", config=two_boxes)["results"]}
    give_role(two_boxes, "utente", mailboxes=("import",))
    own = {hit["dossier"] for hit in done("search", "--limit", "1000", config=two_boxes)["results"]}
    assert own == everything - others
    assert others
    found = archiver("search", "--mailbox", "altra", config=two_boxes)
    assert (found.code, found.out) == (2, "")
    assert acts(two_boxes)[-1].role == "utente"


def test_a_dossier_that_reaches_into_another_mailbox_is_folded_from_its_own(two_boxes: Path) -> None:
    (sent,) = done("search", "--kind", "inviato", "--since", "2026-03-01", config=two_boxes)["results"]
    whole = done("show", sent["dossier"], config=two_boxes)
    give_role(two_boxes, "utente", mailboxes=("import",))
    part = done("show", sent["dossier"], config=two_boxes)
    assert {item["mailbox"] for item in whole["messages"]} == {"import", "altra"}
    assert [item["mailbox"] for item in part["messages"]] == ["import"]
    assert acts(two_boxes)[-1].what["messages"] == [sent["dossier"]]


def test_an_utente_of_both_sees_both(two_boxes: Path) -> None:
    everything = done("search", "--limit", "1000", config=two_boxes)["results"]
    give_role(two_boxes, "utente", mailboxes=("import", "altra"))
    assert done("search", "--limit", "1000", config=two_boxes)["results"] == everything


def test_the_catalog_stays_what_it_was_for_everybody_else(config: Path) -> None:
    archive = other(config)
    assert archive.own is archive.catalog


def test_a_mailbox_that_is_not_its_own_is_refused_to_an_utente_by_name(config: Path) -> None:
    give_role(config, "utente", mailboxes=("import",))
    archive = other(config, login=login())
    archive.permit(Right.READ, "import")
    with pytest.raises(ConfigError, match="casella 'altra'"):
        archive.permit(Right.READ, "altra")


def test_a_night_without_an_access_asks_for_no_token_and_one_with_accesses_for_one(config: Path) -> None:
    def tokens() -> object:
        return done("seal", "--now", config=config)["tokens"]

    tokens()
    assert tokens() == 0
    archiver("show", first(config), config=config)
    assert (len(acts(config)), tokens()) == (2, 1)
    done("status", config=config)
    assert (len(acts(config)), tokens()) == (2, 0)
