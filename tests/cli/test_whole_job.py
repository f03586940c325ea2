"""From a mailbox to a verdict by commands alone, and what each of them tells a machine."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.archives import demo, folder_of, kept, letter, sealed, simulated, volumes
from support.commands import archiver, done, process
from support.filled import MESSAGES, Filled

from archiver.cli.door import now
from archiver.compose import open_archive, show

KEYS = {
    "ingest": {"new", "known", "failed", "bytes", "findings"},
    "seal": {"volumes", "messages", "tokens", "warnings"},
    "status": {"messages", "pending", "volumes", "bytes", "alerts"},
    "search": {"results", "next"},
    "show": {"dossier", "message_id", "identificativo", "state", "recipients", "messages", "proofs"},
    "verify": {"indication", "content", "findings"},
}


def states(recipients: list[dict[str, Any]]) -> dict[str, str]:
    return {item["address"]: item["state"] for item in recipients}


def sent(whole: Filled) -> list[dict[str, Any]]:
    return [dossier for dossier in whole.expected["dossiers"] if dossier["recipients"]]


@pytest.mark.parametrize("shape", ["maildir", "mbox"])
def test_every_shape_of_a_mailbox_comes_in_byte_for_byte_and_is_sealed(tmp_path: Path, shape: str) -> None:
    mailbox = simulated(tmp_path / "mail", 40, shape=shape)
    twin = simulated(tmp_path / "twin", 40, shape="eml")  # the same messages, one file each
    config = demo(tmp_path / "archive")
    assert done("ingest", "--from", mailbox, config=config)["new"] == 40
    assert sealed(config)["messages"] == 40
    assert set(kept(config).values()) == {path.read_bytes() for path in twin.iterdir()}


def test_what_was_taken_in_is_what_the_simulator_wrote(whole: Filled) -> None:
    assert whole.ingested["new"] == whole.sealed["messages"] == MESSAGES
    assert set(kept(whole.config)) == {message["sha256"] for message in whole.expected["messages"]}
    assert whole.ingested["bytes"] == sum(path.stat().st_size for path in whole.mailbox.iterdir())


def test_handing_the_same_folder_in_again_brings_nothing_new(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    mailbox = folder_of(tmp_path / "mail", letter("uno"), letter("due"))
    done("ingest", "--from", mailbox, config=config)
    sealed(config)
    again = done("ingest", "--from", mailbox, config=config)
    assert (again["new"], again["known"]) == (0, 2)
    assert done("seal", "--now", config=config)["volumes"] == 0


def test_machines_get_the_keys_they_were_promised(whole: Filled) -> None:
    first = sent(whole)[0]["identificativo"] or sent(whole)[0]["message_id"]
    store = whole.config.parent / "store"
    found = {
        "ingest": whole.ingested,
        "seal": whole.sealed,
        "status": done("status", config=whole.config),
        "search": done("search", "--limit", 3, config=whole.config),
        "show": done("show", first, config=whole.config),
        "verify": done("verify", store, config=whole.config),
    }
    assert {name: keys - set(found[name]) for name, keys in KEYS.items()} == {name: set() for name in KEYS}
    hit = {"dossier", "message_id", "identificativo", "date", "from", "to", "subject", "state"}
    assert all(hit <= set(result) for result in found["search"]["results"])
    told = {"address", "role", "state", "receipt", "content", "at", "reason"}
    assert all(told <= set(item) for item in found["show"]["recipients"])
    assert all({"sha256", "kind", "date", "content"} <= set(item) for item in found["show"]["messages"])


def test_the_doctor_finds_a_demonstration_archive_healthy(whole: Filled) -> None:
    checks = done("doctor", config=whole.config)["checks"]
    assert {check["name"] for check in checks} >= {"configuration", "store", "catalog", "providers", "signer"}
    assert {check["state"] for check in checks} <= {"ok", "warning"}
    assert {check["name"] for check in checks if check["state"] == "ok"} >= {"store", "catalog", "signer", "tsa local"}


def test_the_state_of_every_recipient_is_the_true_one(whole: Filled) -> None:
    archive = open_archive(whole.config, environ={}, clock=now)
    for dossier in whole.expected["dossiers"]:
        for name in filter(None, (dossier["identificativo"], dossier["message_id"])):
            if not dossier["recipients"] and name == dossier["message_id"]:
                continue  # of a message received, the client's Message-ID stands inside its envelope only
            found = {item.address: item.state for item in show(archive, name).dossier.recipients}
            wanted = {item["address"]: item["state"] for item in dossier["recipients"]}
            if wanted:
                assert found == wanted, name


def test_a_dossier_answers_to_each_of_its_names(whole: Filled) -> None:
    dossier = next(item for item in sent(whole) if item["identificativo"] and len(item["recipients"]) == 3)
    ways = [dossier["identificativo"], dossier["message_id"], f"<{dossier['message_id']}>"]
    members = done("show", ways[0], config=whole.config)["messages"]
    ways += [member["sha256"] for member in members] + [members[0]["sha256"][:12].upper()]
    for way in ways:
        found = done("show", way, config=whole.config)
        assert states(found["recipients"]) == states(dossier["recipients"]), way
        assert found["identificativo"] == dossier["identificativo"]


def test_a_name_that_several_dossiers_bear_is_asked_back_with_their_digests(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    twins = [letter("copia"), letter("copia", date="Tue, 03 Mar 2026 10:00:00 +0100")]
    done("ingest", "--from", folder_of(tmp_path / "mail", *twins), config=config)
    found = archiver("show", "copia@posta.example", config=config)
    assert found.code == 2
    for raw in twins:
        digest = hashlib.sha256(raw).hexdigest()
        assert digest[:16] in found.err
        assert done("show", digest[:16], config=config)["dossier"] == digest


def test_search_pages_through_everything_once(whole: Filled) -> None:
    seen: list[str] = []
    after: list[str] = []
    while True:
        page = done("search", "--limit", 50, *after, config=whole.config)
        seen += [hit["dossier"] for hit in page["results"]]
        if page["next"] is None:
            break
        after = ["--after", page["next"]]
    assert len(seen) == MESSAGES
    assert set(seen) == {message["sha256"] for message in whole.expected["messages"]}


def test_the_days_of_a_search_are_whole_days_of_rome(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    mail = {  # 25 October 2026 has 25 hours in Rome
        "vigilia": "Sat, 24 Oct 2026 23:59:59 +0200",
        "mattina": "Sun, 25 Oct 2026 00:00:00 +0200",
        "notte": "Sun, 25 Oct 2026 23:30:00 +0100",
        "domani": "Mon, 26 Oct 2026 00:00:00 +0100",
    }
    letters = [letter(text, date=date) for text, date in mail.items()]
    done("ingest", "--from", folder_of(tmp_path / "mail", *letters), config=config)
    found = done("search", "--since", "2026-10-25", "--until", "2026-10-25", config=config)
    assert {hit["subject"] for hit in found["results"]} == {"mattina", "notte"}


def test_results_come_in_the_language_asked_for(whole: Filled) -> None:
    name = sent(whole)[0]["message_id"]
    assert "destinatari:" in archiver("show", name, config=whole.config).out
    assert "recipients:" in archiver("--lang", "en", "show", name, config=whole.config).out
    assert "messaggi" in archiver("status", config=whole.config).out
    assert "messages" in archiver("--lang", "en", "status", config=whole.config).out


def test_a_process_of_its_own_finds_the_archive_in_its_folder_or_its_environment(whole: Filled, tmp_path: Path) -> None:
    folder = whole.config.parent
    assert process("status", "--json", folder=folder).json["messages"] == MESSAGES
    named = process("status", "--json", folder=tmp_path, environ={"ARCHIVER_CONFIG": str(whole.config)})
    assert named.json["messages"] == MESSAGES
    assert process("verify", "store", folder=folder).out.splitlines()[-1] == "PASSED  store"


def test_a_volume_verifies_where_nothing_of_the_archive_is_configured(whole: Filled, tmp_path: Path) -> None:
    for volume in volumes(whole.config):
        found = process("verify", volume, "--json", folder=tmp_path)
        assert (found.code, found.json["indication"]) == (0, "PASSED")
        assert "ANCHOR_FROM_PACKAGE" in {item["code"] for item in found.json["findings"]}


@pytest.mark.parametrize("moment", ["1900-01-01", "0001-01-01", "2046-01-01", "9998-12-31"])
def test_judging_as_of_any_day_answers_and_changes_nothing(whole: Filled, moment: str) -> None:
    kept_list = whole.config.parent / "ca" / "ca.crl"
    before = kept_list.read_bytes()
    found = archiver("verify", whole.config.parent / "store", "--at", moment, "--json", config=whole.config)
    assert found.json["indication"] in ("PASSED", "INDETERMINATE")
    assert kept_list.read_bytes() == before


def test_ingest_says_what_it_found_beside_the_mail(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    found = done("ingest", "--from", folder_of(tmp_path / "mail", b"", b"\0" * 5_000), config=config)
    assert found["new"] == 2
    assert found["findings"]["MAIL_WITHOUT_HEADERS"] == 2
    assert sealed(config)["messages"] == 2
    today = str(datetime.now(UTC).year)
    assert {hit["date"][:4] for hit in done("search", config=config)["results"]} == {today}
