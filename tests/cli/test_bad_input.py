"""What goes wrong around an archive: a clear sentence, the right exit code, nothing lost, nothing made in its place."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.archives import add_mailbox, demo, folder_of, kept, letter, objects, sealed
from support.commands import archiver, done, process

from archiver.adapters.sources import files
from archiver.adapters.sources.files import Place
from archiver.cli.door import now
from archiver.compose import open_archive
from archiver.package import layout
from archiver.ports import Fetched

TEN = tuple(letter(f"lettera {number}") for number in range(10))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return demo(tmp_path / "archive")


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    return folder_of(tmp_path / "mail", *TEN)


# --- what is handed in


def test_a_folder_that_is_not_there_is_named_and_may_be_tried_again(config: Path, tmp_path: Path) -> None:
    found = archiver("ingest", "--from", tmp_path / "assente", config=config)
    assert found.code == 3
    assert f"{tmp_path / 'assente'}: non c'è, o non c'è più" in found.err
    assert "check the path and the mount" in found.err


def test_a_folder_that_vanishes_under_way_loses_nothing_of_what_was_read(
    config: Path, ten: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away, read = tmp_path / "away", files.fetched

    def unplugged(place: Place) -> Fetched:
        found = read(place)
        if place.path.name == "0003.eml":
            ten.rename(away)
        return found

    with monkeypatch.context() as broken:
        broken.setattr(files, "fetched", unplugged)
        found = archiver("ingest", "--from", ten, config=config)
    assert found.code == 1
    assert "non c'è, o non c'è più" in found.err
    assert set(kept(config).values()) == set(TEN[:4])
    away.rename(ten)
    again = done("ingest", "--from", ten, config=config)
    assert (again["new"], again["known"]) == (6, 4)
    assert sealed(config)["messages"] == 10


@pytest.mark.parametrize("name", ["posta.pst", "posta.msg"])
def test_what_outlook_rebuilt_is_refused_with_the_way_to_the_original(config: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0" + b"x" * 1000)
    found = archiver("ingest", "--from", tmp_path / name, config=config)
    assert found.code == 2
    assert name in found.err
    assert "webmail" in found.err


def test_what_outlook_rebuilt_does_not_stop_the_mail_beside_it(config: Path, ten: Path) -> None:
    (ten / "altra.msg").write_bytes(b"\xd0\xcf\x11\xe0" + b"x" * 1000)
    found = archiver("ingest", "--from", ten, "--json", config=config)
    assert found.code == 1
    assert (found.json["new"], found.json["failed"]) == (10, 1)
    assert found.json["refused"][0]["origin"] == "altra.msg"
    assert "altra.msg: formato di Outlook" in found.err


def test_a_mail_that_may_not_be_read_is_reported_and_taken_in_later(config: Path, ten: Path) -> None:
    (ten / "0005.eml").chmod(0)
    found = process("ingest", "--from", ten, "--json", folder=config.parent, mortal=True)
    assert found.code == 1
    assert (found.json["new"], found.json["failed"]) == (9, 1)
    assert "0005.eml: non leggibile" in found.err
    (ten / "0005.eml").chmod(0o600)
    assert done("ingest", "--from", ten, config=config)["new"] == 1


def test_an_empty_folder_brings_nothing_and_says_so(config: Path, tmp_path: Path) -> None:
    found = archiver("ingest", "--from", folder_of(tmp_path / "vuota"), config=config)
    assert found.code == 0
    assert "0 nuovi" in found.out
    assert objects(config) == {}


# --- what is asked for

WORDS = {
    ("ingest", "--from", "MAIL"): "--mailbox NAME is needed; configured: import, studio",
    ("ingest", "--from", "MAIL", "--mailbox", "altra"): "no mailbox is called 'altra'; configured: import, studio",
    ("ingest", "altra"): "no mailbox is called 'altra'",
    ("ingest", "--from", "MAIL", "studio"): "with --from, name the mailbox with --mailbox NAME",
    ("ingest", "--mailbox", "studio"): "--mailbox goes with --from",
    ("ingest",): "no mailbox has a server or a `path` to read",
    ("ingest", "studio"): "mailbox studio: has neither [mailbox.imap] nor a `path`",
    ("ingest", "--from", "MAIL", "--annotations", "x.csv"): '[archive] kind = "pa"',
    ("search", "--since", "ieri"): "--since 'ieri': a day such as 2026-03-01 is expected",
    ("search", "--until", "2026-02-30"): "--until '2026-02-30': a day such as 2026-03-01 is expected",
    ("search", "--since", "0001-01-01"): "--since '0001-01-01'",
    ("search", "--after", "pagina-2"): "--after 'pagina-2': expected the `next` of an earlier page",
    ("search", "--after", "2026-01-01_ab"): "--after '2026-01-01_ab': expected the `next`",
    ("search", "--kind", "fattura"): "'posta-certificata'",
    ("search", "--mailbox", "altra"): "no mailbox is called 'altra'",
    ("search", "--limit", "0"): "--limit",
    ("verify", "assente"): "assente: there is no such file or folder",
    ("verify", "STORE", "--at", "domani"): "--at 'domani': a day such as 2046-01-01 is expected",
    ("verify", "STORE", "--at", "9999-12-31"): "--at '9999-12-31'",
    ("verify", "STORE", "--trust", "assente"): "assente: there is no such folder of trusted certificates",
    ("seal", "--signed", "assente"): "assente",
    ("seal", "--to-sign", "a", "--signed", "STORE"): "give one of them",
}


@pytest.mark.parametrize("command", WORDS, ids=" ".join)
def test_a_wrong_question_is_answered_with_what_would_be_right(
    config: Path, ten: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_mailbox(config, "studio")
    monkeypatch.chdir(config.parent)
    places = {"MAIL": str(ten), "STORE": "store"}
    found = archiver(*(places.get(word, word) for word in command), config=config)
    assert found.code == 2
    assert WORDS[command] in " ".join(found.err.split())
    assert objects(config) == {}


def test_a_dossier_that_is_not_there_is_told_from_a_wrong_command(config: Path) -> None:
    found = archiver("show", "opec1.2026@pec.example", config=config)
    assert found.code == 1
    assert "opec1.2026@pec.example: no message in the archive has this identificativo" in found.err


# --- the archive itself


def test_a_store_that_vanished_is_never_made_again_in_silence(config: Path, ten: Path) -> None:
    done("ingest", "--from", ten, config=config)
    store, away = config.parent / "store", config.parent / "away"
    store.rename(away)
    for command in (("ingest", "--from", ten), ("seal", "--now")):
        found = archiver(*command, config=config)
        assert found.code == 3, command
        assert f"{store}: qui non c'è un archivio" in found.err
        assert "is the disk mounted?" in found.err
        assert not store.exists()
    assert any(str(store) in alert for alert in done("status", config=config)["alerts"])
    doctor = archiver("doctor", "--json", config=config)
    assert doctor.code == 1
    assert next(check["name"] for check in doctor.json["checks"] if check["state"] == "failed") == "store"
    away.rename(store)
    assert sealed(config)["messages"] == 10


def test_an_empty_mount_point_in_place_of_the_store_is_not_written_to(config: Path, ten: Path) -> None:
    done("ingest", "--from", ten, config=config)
    store, away = config.parent / "store", config.parent / "away"
    store.rename(away)
    store.mkdir()
    found = archiver("ingest", "--from", ten, config=config)
    assert found.code == 3
    assert "is the disk mounted?" in found.err
    assert not list(store.iterdir())


def test_a_store_vanished_from_under_an_initialised_archive_survives_init(config: Path, ten: Path) -> None:
    done("ingest", "--from", ten, config=config)
    shutil.move(config.parent / "store", config.parent / "away")
    archiver("init", "--demo", config.parent)
    assert not (config.parent / "store").exists()


def test_a_catalog_that_was_deleted_is_missed_and_not_begun_anew(config: Path, ten: Path) -> None:
    done("ingest", "--from", ten, config=config)
    catalog = config.parent / "catalog.db"
    catalog.rename(config.parent / "away.db")
    for command in (("ingest", "--from", ten), ("seal", "--now"), ("status",), ("search",), ("init", "--demo", ".")):
        words = [config.parent if word == "." else word for word in command]
        found = archiver(*words, config=config)
        assert found.code == 2, command
        assert f"{catalog}: il catalogo non c'è" in found.err
        assert "ripristinarlo da una copia" in found.err
        assert not catalog.exists()
    (config.parent / "away.db").rename(catalog)
    assert sealed(config)["messages"] == 10


def test_a_catalog_that_is_damaged_is_said_and_the_store_left_alone(config: Path, ten: Path) -> None:
    done("ingest", "--from", ten, config=config)
    before = objects(config)
    (config.parent / "catalog.db").write_bytes(b"SQLite format 3\0" + b"guasto" * 2000)
    found = archiver("seal", "--now", config=config)
    assert found.code == 3
    assert "catalog.db: il catalogo non risponde" in found.err
    assert objects(config) == before


def test_a_store_that_may_not_be_written_to_says_so_and_keeps_what_it_has(config: Path, ten: Path) -> None:
    done("ingest", "--from", ten, config=config)
    before, store = objects(config), config.parent / "store"
    folders = [store, *(path for path in store.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    (ten / "nuova.eml").write_bytes(letter("nuova"))
    for command in (("ingest", "--from", ten), ("seal", "--now")):
        found = process(*command, folder=config.parent, mortal=True)
        assert found.code == 3, command
        assert "permesso negato o sola lettura" in found.err
        assert "Traceback" not in found.err
    assert objects(config) == before
    for path in folders:
        path.chmod(0o755)
    assert done("ingest", "--from", ten, config=config)["new"] == 1
    assert sealed(config)["messages"] == 11


@contextmanager
def read_only(*tops: Path) -> Iterator[None]:
    folders = [found for top in tops for found in (top, *(path for path in top.rglob("*") if path.is_dir()))]
    for path in folders:
        path.chmod(0o555)
    try:
        yield
    finally:
        for path in folders:
            path.chmod(0o755)


def test_an_archive_that_may_only_be_read_can_be_looked_at_and_verified(config: Path, ten: Path) -> None:
    done("ingest", "--from", ten, config=config)
    done("search", "lettera", config=config)
    sealed(config)
    with read_only(config.parent):
        for command in (("status",), ("verify", "store"), ("log", "verify"), ("log", "show"), ("doctor",)):
            found = process(*command, folder=config.parent, mortal=True)
            assert (found.code, "Traceback" in found.err) == (0, False), (command, found)


@pytest.mark.parametrize("where", ["", "store"])
def test_where_no_access_can_be_registered_nothing_is_shown_and_it_is_said_why(
    config: Path, ten: Path, where: str
) -> None:
    done("ingest", "--from", ten, config=config)
    sealed(config)
    (dossier, *_) = (hit["dossier"] for hit in done("search", "lettera", config=config)["results"])
    before = objects(config)
    with read_only(config.parent / where):
        for command in (("search", "lettera"), ("show", dossier)):
            found = process(*command, folder=config.parent, mortal=True)
            assert (found.code, found.out, found.err.count("\n")) == (3, "", 1), (command, found)
            for words in ("nulla è stato mostrato", "nothing is shown", "dove store e catalogo sono scrivibili"):
                assert words in found.err, command
    assert objects(config) == before


def test_another_object_under_a_name_that_is_due_is_a_conflict(config: Path, ten: Path) -> None:
    mailbox = open_archive(config, environ={}, clock=now).config.mailboxes[0]
    first = layout.rdv(mailbox.holder, mailbox.id, layout.pdv_id(mailbox.holder, mailbox.id, None, ""))
    (config.parent / "store" / first).parent.mkdir(parents=True)
    (config.parent / "store" / first).write_bytes(b"un altro file")
    found = archiver("ingest", "--from", ten, config=config)
    assert found.code == 4
    assert f"{first}: is there and cannot be read" in found.err
    assert objects(config) == {first: b"un altro file"}


def test_a_volume_that_cannot_be_gone_on_with_is_named_and_stops_no_other(config: Path, ten: Path) -> None:
    (ten / "2019.eml").write_bytes(letter("del 2019", date="Mon, 04 Mar 2019 10:00:00 +0100"))
    done("ingest", "--from", ten, config=config)
    first = next(row for row in open_archive(config, environ={}, clock=now).catalog.pending() if row.year == 2019)
    metadata = layout.metadata(first.holder, layout.volume_id(first.sha256))
    (config.parent / "store" / metadata).parent.mkdir(parents=True)
    (config.parent / "store" / metadata).write_bytes(b"un altro file")
    found = archiver("seal", "--now", "--json", config=config)
    assert (found.code, found.json["volumes"], found.json["messages"]) == (1, 1, 10)
    assert metadata in found.err
    assert (config.parent / "store" / metadata).read_bytes() == b"un altro file"


@pytest.mark.parametrize(
    "command",
    [
        ("search", "caff\udce8"),
        ("search", "--tax-code", "\udce8"),
        ("search", "--after", "2026-01-01T00:00:00+00:00_\udce8"),
        ("search", "x", "--reason", "perch\udce8"),
        ("show", "\udce8"),
        ("export", "-o", "out", "--sample", "1", "--seed", "\udce8"),
        ("trust", "confirm", "\udce8", "--reason", "x"),
    ],
    ids=ascii,
)
def test_an_argument_that_is_no_utf_8_is_refused_by_its_name(tmp_path: Path, command: tuple[str, ...]) -> None:
    found = archiver(*command, config=demo(tmp_path / "archive"))
    assert (found.code, found.out) == (2, "")
    assert "UTF-8" in found.err


@pytest.mark.parametrize("place", ["2026-01-01T00:00:00+00:00_zz", "2026-01-01T00:00:00+00:00_" + "A" * 64, "_", "x"])
def test_a_place_in_a_search_that_is_none_is_refused(tmp_path: Path, place: str) -> None:
    found = archiver("search", "--after", place, config=demo(tmp_path / "archive"))
    assert (found.code, "--after" in found.err) == (2, True)
