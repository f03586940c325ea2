"""What goes from a real mail server is what the archive provably has, and nothing else."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support import letters
from support.archives import set_lines
from support.commands import archiver, done
from support.imap import Server
from support.purging import Aged, left, old, remade, then, whole

from archiver import compose
from archiver.adapters.catalog import Catalog
from archiver.digest import sha256
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.index import reader as index_reader
from archiver.package.layout import Kind, parse
from archiver.purge import Report
from archiver.submission.rows import DamageRow

OLD = "--older-than", "90d"


def some(count: int, start: int = 0) -> list[bytes]:
    return [letters.plain(number) for number in range(start, start + count)]


def purged(made: Aged, name: str, *options: str, code: int = 0) -> dict[str, Any]:
    """What a run answers."""
    found = archiver("purge", name, *OLD, *options, "--json", config=made.config)
    assert found.code == code, found
    return found.json


def during(made: Aged, name: str, act: Callable[[], object], *, at: int) -> Report:
    """A run in whose middle, when `at` messages are proven and nothing is deleted yet, something happens."""
    archive = made.archive()
    return compose.purge(
        archive,
        name,
        older_than=timedelta(days=90),
        dry_run=False,
        clock=archive.clock,
        progress=lambda done, total: act() if done == at else None,
    )


def objects(root: Path, kind: Kind) -> list[Path]:
    """The files of the objects of a kind."""
    names = (path for path in sorted(root.rglob("*")) if path.is_file())
    return [path for path in names if (found := parse(path.relative_to(root).as_posix())) and found.kind is kind]


def listed_trust(root: Path) -> list[Path]:
    """The files of the trust material that the index of the only volume lists."""
    [place] = objects(root, Kind.INDEX)
    index = index_reader.read(open_signed(place.read_bytes()).content or b"")
    holder = place.relative_to(root).parts[0]
    return [root / layout.trust(holder, file.sha256, file.extension) for file in index.trust]


def harm(path: Path, within: bytes = b"") -> None:
    """Turns over one bit of a file: the first, or the last of `within`."""
    octets = bytearray(path.read_bytes())
    octets[octets.index(within) + max(0, len(within) - 1)] ^= 1
    path.chmod(0o600)
    path.write_bytes(octets)


def flag(server: Server, uids: str, words: str, sign: str = "+") -> None:
    """Another program marks messages."""
    client = server.client()
    client.select("INBOX")
    client.uid("STORE", uids, f"{sign}FLAGS", words)
    client.logout()


def test_what_two_stores_have_goes_and_its_certificate_says_so(server: Server, tmp_path: Path) -> None:
    mail = some(6)
    made = whole(tmp_path / "a", server, mail)
    told = done("purge", server.user, *OLD, config=made.config)
    assert (told["messages"], told["proven"], told["deleted"], told["skipped"]) == (6, 6, 6, {})
    assert left(server) == []
    before, after = made.reports()
    [folder] = before["content"]["folders"]
    assert before["content"]["stage"] == "proven"
    assert [(one["uid"], one["sha256"], one["size"]) for one in folder["messages"]] == [
        (number, sha256(raw), len(raw)) for number, raw in enumerate(mail, 1)
    ]
    assert {tuple(one["stores"]) for one in folder["messages"]} == {("primary", "replica")}
    assert (after["content"]["stage"], after["content"]["deleted"], after["content"]["failed"]) == ("deleted", 6, 0)
    assert after["content"]["folders"] == [{k: folder[k] for k in ("folder", "uidvalidity")} | {"uids": [[1, 6]]}]
    assert after["content"]["certificates"] == told["certificates"]
    assert [before["kind"], after["kind"]] == ["purge", "purge"]
    assert done("verify", made.stores[0], config=made.config)["indication"] == "PASSED"


def test_no_report_holds_an_address_or_the_name_of_a_folder(server: Server, tmp_path: Path) -> None:
    old(server, some(2), "Clienti.Rossi")
    made = whole(tmp_path / "a", server, some(1, 10))
    assert purged(made, server.user)["deleted"] == 3
    said = str(made.reports())
    assert not re.search(rf"INBOX|Clienti|Rossi|@|{server.user}@", said), said
    folders = {folder["folder"] for report in made.reports() for folder in report["content"]["folders"]}
    assert folders == {sha256(f"m-{server.user}\n{name}".encode()) for name in ("INBOX", "Clienti/Rossi")}


def test_after_a_purge_nothing_is_missing_and_nothing_comes_twice(server: Server, tmp_path: Path) -> None:
    made = whole(tmp_path / "a", server, some(4))
    flag(server, "2", r"(\Flagged)")
    assert purged(made, server.user)["deleted"] == 3
    client = server.client()
    client.append("INBOX", r"(\Seen)", None, letters.plain(50))  # type: ignore[arg-type]
    client.logout()
    told = done("ingest", server.user, config=made.config)
    assert (told["new"], told["known"], told["gone"], told["missing"]) == (1, 0, 0, 0)
    certificate = done("status", "--continuity", server.user, config=made.config)
    inbox = next(folder for folder in certificate["folders"] if folder["folder"] == "INBOX")
    assert (certificate["complete"], inbox["gaps"], inbox["archived"]) == (True, [], 5)
    assert (inbox["server"]["present"], inbox["server"]["kept"], inbox["server"]["missing"]) == (2, 2, 0)
    for raw in (*some(4), letters.plain(50)):
        assert done("show", sha256(raw)[:16], config=made.config)["messages"]


def test_a_dry_run_proves_everything_and_leaves_everything(server: Server, tmp_path: Path) -> None:
    made = whole(tmp_path / "a", server, some(3))
    before = server.everything("INBOX")
    told = purged(made, server.user, "--dry-run")
    assert (told["proven"], told["deleted"], told["certificates"], told["outcomes"]) == (3, 0, [], [])
    assert (server.everything("INBOX"), made.reports()) == (before, [])


def test_unread_and_flagged_mail_stays_unless_it_is_asked_for(server: Server, tmp_path: Path) -> None:
    made = whole(tmp_path / "a", server, some(5))
    flag(server, "1:2", r"(\Seen)", "-")
    flag(server, "2:3", r"(\Flagged)")
    told = purged(made, server.user, "--dry-run")
    assert (told["proven"], told["skipped"]) == (2, {"unread": 1, "flagged": 2})
    told = purged(made, server.user, "--unread")
    assert (told["deleted"], told["skipped"]) == (3, {"flagged": 2})
    assert left(server) == [2, 3]
    shown = archiver("purge", server.user, *OLD, config=made.config).out
    assert "2 × contrassegnati come importanti" in shown
    assert "2 × flagged" in archiver("--lang", "en", "purge", server.user, *OLD, config=made.config).out


def test_what_came_in_lately_stays_whichever_clock_says_so(server: Server, tmp_path: Path) -> None:
    """The server's date and the day of the rapporto: the later one counts."""
    made = whole(tmp_path / "a", server, some(2))
    old(server, some(1, 10))  # lay on the server for long, and comes in today
    done("ingest", server.user, config=made.config)
    done("seal", "--now", config=made.config)
    newest = server.dovecot.maildir(server.user) / "cur"
    server.put(some(1, 20))
    made.taken_in()  # came to the server today, and the archive's clock was wrong
    made.sealed()
    made.replicated()
    assert len(list(newest.iterdir())) == 4
    told = purged(made, server.user)
    assert (told["deleted"], told["skipped"]) == (2, {"young": 2})
    assert left(server) == [3, 4]


def test_what_no_poll_has_seen_and_what_no_volume_has_stays(server: Server, tmp_path: Path) -> None:
    made = whole(tmp_path / "a", server, some(2))
    old(server, some(1, 10))
    made.taken_in()
    old(server, some(1, 20))
    made.replicated()
    told = purged(made, server.user)
    assert (told["deleted"], told["skipped"]) == (2, {"open": 1, "unpolled": 1})
    assert left(server) == [3, 4]


def test_a_copy_of_what_is_archived_goes_only_once_a_poll_has_seen_it(server: Server, tmp_path: Path) -> None:
    made = whole(tmp_path / "a", server, some(2))
    old(server, some(1))
    assert purged(made, server.user, "--dry-run")["skipped"] == {"unpolled": 1}
    made.taken_in()
    assert purged(made, server.user)["deleted"] == 3


def test_a_message_that_the_replica_does_not_give_back_whole_stays_alone(server: Server, tmp_path: Path) -> None:
    made = whole(tmp_path / "a", server, some(5))
    [segment] = objects(made.stores[1], Kind.SEGMENT)
    harm(segment, some(5)[2])
    told = purged(made, server.user, code=1)
    assert (told["deleted"], told["skipped"]) == (4, {"copies": 1})
    assert told["refused"] == [{"folder": "INBOX", "uid": 3, "reason": "copies"}]
    assert left(server) == [3]
    assert made.reports()[-1]["content"]["skipped"] == {"copies": 1}


@pytest.mark.parametrize("gone", [True, False])
def test_a_replica_counts_only_with_all_that_proves_the_volume(server: Server, tmp_path: Path, gone: bool) -> None:
    made = whole(tmp_path / "a", server, some(2))
    kinds = Kind.INDEX, Kind.METADATA, Kind.VOLUME_RECORD, Kind.RDV, Kind.RDV_RECORD
    victims = [objects(made.stores[1], kind)[0] for kind in kinds]
    for victim in (*victims, *listed_trust(made.stores[1])):
        octets = victim.read_bytes()
        if gone:
            victim.unlink()
        else:
            harm(victim)
        told = purged(made, server.user, "--dry-run", code=1)
        assert (told["proven"], told["skipped"]) == (0, {"copies": 2}), victim
        victim.write_bytes(octets)
    assert purged(made, server.user)["deleted"] == 2


@pytest.mark.parametrize("kind", [Kind.SEGMENT, Kind.INDEX, Kind.VOLUME_RECORD, Kind.RDV])
def test_a_volume_that_the_judge_does_not_pass_keeps_all_its_messages_on_the_server(
    server: Server, tmp_path: Path, kind: Kind
) -> None:
    made = whole(tmp_path / "a", server, some(3))
    harm(objects(made.stores[0], kind)[0], some(3)[1] if kind is Kind.SEGMENT else b"")
    told = purged(made, server.user, code=1)
    assert (told["deleted"], told["skipped"], left(server)) == (0, {"unproven": 3}, [1, 2, 3])
    assert told["volumes"][0]["indication"] != "PASSED"


def test_another_index_than_the_one_that_was_sealed_proves_nothing(server: Server, tmp_path: Path) -> None:
    """A store may hold a sound volume that is not ours: the catalog knows which one was closed."""
    made = whole(tmp_path / "a", server, some(3))
    with _catalog(made) as catalog:
        engine = catalog._database._engine
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE volume SET sha256 = ?", ("0" * 64,))
    assert purged(made, server.user, code=1)["skipped"] == {"unproven": 3}
    assert left(server) == [1, 2, 3]


@pytest.mark.parametrize("kind", [Kind.SEGMENT, Kind.INDEX, Kind.TRUST])
def test_an_open_finding_about_an_object_stops_its_messages_until_it_is_resolved(
    server: Server, tmp_path: Path, kind: Kind
) -> None:
    made = whole(tmp_path / "a", server, some(2))
    [path, *_] = listed_trust(made.stores[0]) if kind is Kind.TRUST else objects(made.stores[0], kind)
    name = path.relative_to(made.stores[0]).as_posix()
    damage = DamageRow("replica", name, "DIGEST", then(), then())
    with _catalog(made) as catalog:
        catalog.note_damages([damage])
    assert purged(made, server.user, code=1)["skipped"] == {"damaged": 2}
    with _catalog(made) as catalog:
        catalog.resolve([damage])
    assert purged(made, server.user)["deleted"] == 2


def test_a_volume_waits_for_the_evidence_of_every_authority_that_is_asked(server: Server, tmp_path: Path) -> None:
    made = whole(tmp_path / "a", server, some(2))
    second = '\n[[tsa]]\nid = "tsa-2"\nkind = "local"\nredundant = true\n'
    with made.config.open("a") as file:
        file.write(second)
    assert purged(made, server.user)["skipped"] == {"uncovered": 2}
    assert left(server) == [1, 2]


def test_a_replica_that_is_not_there_is_named_and_nothing_goes_unless_one_copy_is_enough(
    server: Server, tmp_path: Path
) -> None:
    made = whole(tmp_path / "a", server, some(2))
    shutil.rmtree(made.stores[1])
    told = purged(made, server.user, code=1)
    assert (told["deleted"], told["skipped"]) == (0, {"copies": 2})
    assert [one["store"] for one in told["stores"]] == ["replica"]
    set_lines(made.config, "archive", {"copies": "1"})
    told = purged(made, server.user, code=1)
    assert (told["deleted"], left(server)) == (2, [])
    assert made.reports()[0]["content"]["folders"][0]["messages"][0]["stores"] == ["primary"]


def test_a_message_that_was_altered_on_the_server_is_not_the_one_in_the_archive(server: Server, tmp_path: Path) -> None:
    made = whole(tmp_path / "a", server, some(3))
    path = sorted((server.dovecot.maildir(server.user) / "cur").iterdir())[1]
    at = path.stat().st_mtime
    harm(path)
    os.utime(path, (at, at))
    told = purged(made, server.user, code=1)
    assert (told["deleted"], told["skipped"], left(server)) == (2, {"unknown": 1}, [2])


def test_a_folder_that_is_made_anew_before_its_proof_is_left_to_the_next_run(server: Server, tmp_path: Path) -> None:
    old(server, some(3, 10), "Vecchia")
    made = whole(tmp_path / "a", server, some(2))
    report = during(made, server.user, lambda: remade(server, "Vecchia", *some(3, 50)), at=2)
    assert (report.proven, report.deleted, report.skipped) == (2, 2, {}), "the proof met the new folder already"
    assert "UIDVALIDITY" in report.folders[0][1]
    assert left(server, "Vecchia") == [1, 2, 3]


def test_a_folder_that_is_made_anew_after_the_certificate_keeps_all_its_mail(server: Server, tmp_path: Path) -> None:
    old(server, some(3, 10), "Vecchia")
    made = whole(tmp_path / "a", server, some(2))
    report = during(made, server.user, lambda: remade(server, "Vecchia", *some(3, 50)), at=5)
    assert (report.proven, report.deleted, report.skipped) == (5, 2, {"undeleted": 3})
    assert "UIDVALIDITY" in report.folders[0][1]
    assert left(server, "Vecchia") == [1, 2, 3]
    proven, outcome = made.reports()
    assert (len(proven["content"]["folders"]), len(outcome["content"]["folders"])) == (2, 1)
    assert (outcome["content"]["deleted"], outcome["content"]["failed"]) == (2, 3)


def test_what_somebody_marks_after_the_proof_stays(server: Server, tmp_path: Path) -> None:
    made = whole(tmp_path / "a", server, some(4))

    def marked() -> None:
        flag(server, "2", r"(\Flagged)")
        flag(server, "4", r"(\Seen)", "-")

    report = during(made, server.user, marked, at=4)
    assert (report.proven, report.deleted, report.skipped) == (4, 2, {"flagged": 1, "unread": 1})
    assert left(server) == [2, 4]


def _catalog(made: Aged) -> Any:
    return _closing(Catalog.open(f"sqlite:///{made.config.parent / 'catalog.db'}"))


@contextmanager
def _closing(catalog: Catalog) -> Iterator[Catalog]:
    try:
        yield catalog
    finally:
        catalog.close()
