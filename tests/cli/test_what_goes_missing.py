"""What vanishes behind the archive's back is missed: whole volumes, whole stores, a holder, a mailbox, a signer."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from support.archives import add_mailbox, demo, folder_of, letter, objects, set_lines, volumes
from support.commands import archiver, done

from archiver.package import layout
from archiver.package.layout import Kind


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An archive with three months of one letter each, every one sealed before the next came."""
    made = demo(tmp_path / "archive")
    for month in ("uno", "due", "tre"):
        done("ingest", "--from", folder_of(tmp_path / month, letter(month)), config=made)
        done("seal", "--now", config=made)
    return made


def test_a_volume_taken_away_whole_is_missed_by_the_rapporto_that_came_after_it(config: Path) -> None:
    first, *_ = sorted(volumes(config), key=lambda folder: (folder / layout.PINDEX).stat().st_mtime_ns)
    shutil.rmtree(first)
    report = archiver("verify", config.parent / "store", "--json", config=config)
    assert report.code == 1
    missing = [item["subject"] for item in report.json["findings"] if item["code"] == "MISSING"]
    assert any(first.name in subject for subject in missing)


def test_a_store_older_than_its_catalog_takes_nothing_in(config: Path, tmp_path: Path) -> None:
    kinds = (Kind.RDV, Kind.RDV_RECORD)
    rapporti = [name for name in objects(config) if (found := layout.parse(name)) and found.kind in kinds]
    newest = max(rapporti, key=lambda name: (config.parent / "store" / name).stat().st_mtime_ns)
    head = newest.partition(".")[0]
    for name in rapporti:
        if name.startswith(head):
            (config.parent / "store" / name).unlink()
    before = objects(config)
    said = archiver("ingest", "--from", folder_of(tmp_path / "quattro", letter("quattro")), config=config)
    assert said.code == 4
    assert "older than the catalog" in said.err
    assert objects(config) == before
    checked = archiver("doctor", "--json", config=config)
    assert {item["state"] for item in checked.json["checks"] if item["name"] == "store and catalog"} == {"failed"}


def test_a_catalog_that_does_not_say_is_no_new_archive(config: Path) -> None:
    shutil.move(config.parent / "store", config.parent / "elsewhere")
    with sqlite3.connect(next(config.parent.glob("*.db"))) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    checked = archiver("doctor", "--json", config=config)
    assert checked.code == 1
    states = {item["name"]: item["state"] for item in checked.json["checks"]}
    assert (states["store"], states["catalog"]) == ("failed", "failed")


def test_init_says_that_a_store_is_gone_and_makes_no_other(config: Path) -> None:
    shutil.move(config.parent / "store", config.parent / "elsewhere")
    said = archiver("init", config.parent)
    assert said.code == 2
    assert "lo store è sparito" in said.err
    assert "the store is gone" in said.err
    assert not (config.parent / "store").exists()
    shutil.move(config.parent / "elsewhere", config.parent / "store")
    answered = done("init", config.parent)
    assert (answered["store_created"], answered["gaps"]) == (False, [])


def test_an_archives_folder_is_not_judged_in_place_of_its_bucket(config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    bucket = 'kind = "s3"\nendpoint = "http://127.0.0.1:9"\nbucket = "pec-archivio"\n'
    config.write_text(text.replace('kind = "filesystem"\npath = "store"\n', bucket), encoding="utf-8")
    said = archiver("verify", config.parent)
    assert said.code == 2
    assert "s3://pec-archivio/" in said.err
    assert archiver("verify", config.parent / "store").code == 0


def test_doctor_finds_store_and_catalog_in_agreement(config: Path) -> None:
    checks = done("doctor", config=config)["checks"]
    assert [item["state"] for item in checks if item["name"] == "store and catalog"] == ["ok"]


def test_a_holder_renamed_under_way_gives_no_second_truth(config: Path, tmp_path: Path) -> None:
    done("ingest", "--from", folder_of(tmp_path / "quattro", letter("quattro")), config=config)
    text = config.read_text(encoding="utf-8")
    holder = text.partition('id = "')[2].partition('"')[0]
    config.write_text(text.replace(holder, "h-altro"), encoding="utf-8")
    before = objects(config)
    said = archiver("seal", "--now", config=config)
    assert said.code == 1
    assert holder in said.err
    assert "put the holder's id back" in said.err
    assert {name for name in objects(config).keys() - before.keys() if not name.endswith(".ers")} == set()
    refused = archiver("ingest", "--from", folder_of(tmp_path / "cinque", letter("cinque")), config=config)
    assert refused.code == 2
    config.write_text(text, encoding="utf-8")
    assert done("seal", "--now", config=config)["volumes"] == 1


def test_a_mailbox_no_longer_configured_does_not_stop_the_others(config: Path, tmp_path: Path) -> None:
    add_mailbox(config, "altra")
    with_both = config.read_text(encoding="utf-8")
    for name in ("import", "altra"):
        mail = folder_of(tmp_path / f"per-{name}", letter(name))
        done("ingest", "--from", mail, "--mailbox", name, config=config)
    start = with_both.index("[[mailbox]]", with_both.index('name = "altra"') - 40)
    config.write_text(with_both[:start], encoding="utf-8")
    said = archiver("seal", "--now", "--json", config=config)
    assert said.code == 1
    assert said.json["volumes"] == 1
    assert "no longer configured" in "".join(said.json["failures"])


def test_what_came_in_is_covered_even_when_nobody_can_sign(config: Path, tmp_path: Path) -> None:
    done("ingest", "--from", folder_of(tmp_path / "quattro", letter("quattro")), config=config)
    set_lines(config, "signer", {"subject": '"qualcun altro"'})
    before = objects(config)
    assert archiver("seal", "--now", config=config).code == 2
    new = [layout.parse(name) for name in objects(config).keys() - before.keys()]
    assert [found.kind for found in new if found] == [Kind.RDV_RECORD]


def test_one_broken_mailbox_does_not_stop_the_others(config: Path, tmp_path: Path) -> None:
    broken = tmp_path / "posta.pst"
    broken.write_bytes(b"!BDN")
    add_mailbox(config, "rotta", path=f'"{broken}"')
    add_mailbox(config, "sana", path=f'"{folder_of(tmp_path / "sana", letter("sana"))}"')
    said = archiver("ingest", "rotta", "sana", "--json", config=config)
    assert said.code == 1
    assert said.json["new"] == 1
    assert [item["mailbox"] for item in said.json["broken"]] == ["rotta"]


def test_metadata_of_another_volume_are_not_adopted(config: Path, tmp_path: Path) -> None:
    done("ingest", "--from", folder_of(tmp_path / "quattro", letter("quattro")), config=config)
    pending = done("status", config=config)["pending"]
    assert pending == 1
    known = {folder.name for folder in volumes(config)}
    first = next(
        found.id
        for name in objects(config)
        if (found := layout.parse(name)) and found.kind is Kind.SEGMENT and found.id not in known
    )
    foreign = volumes(config)[0] / layout.METADATA
    place = foreign.parents[1] / first / layout.METADATA
    place.parent.mkdir()
    shutil.copy(foreign, place)
    said = archiver("seal", "--now", "--json", config=config)
    assert said.code == 1
    assert "describes other messages" in "".join(said.json["failures"])
    place.unlink()
    assert done("seal", "--now", config=config)["volumes"] == 1


def test_a_catalog_put_back_from_a_backup_catches_up_before_anything_is_sealed(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    catalog, backup = config.parent / "catalog.db", tmp_path / "backup.db"
    done("ingest", "--from", folder_of(tmp_path / "uno", letter("uno")), config=config)
    with sqlite3.connect(catalog) as connection:
        connection.execute("VACUUM INTO ?", (str(backup),))
    done("ingest", "--from", folder_of(tmp_path / "due", letter("due")), config=config)
    done("seal", "--now", config=config)
    before = objects(config)
    for path in config.parent.glob("catalog.db*"):
        path.unlink()
    shutil.copy(backup, catalog)
    assert done("seal", "--now", config=config)["failures"] == []
    # what was collected after the first sealing is covered by the second one
    assert {name: octets for name, octets in objects(config).items() if "/batches/" not in name} == before
    assert done("status", config=config)["messages"] == 2
    assert done("verify", config.parent / "store", config=config)["indication"] == "PASSED"


def test_an_index_given_out_and_then_signed_by_the_key_is_out_no_longer(config: Path, tmp_path: Path) -> None:
    done("ingest", "--from", folder_of(tmp_path / "quattro", letter("quattro")), config=config)
    done("seal", "--now", "--to-sign", tmp_path / "firma", config=config)
    assert "are out" in "".join(done("status", config=config)["alerts"])
    assert done("seal", "--now", config=config)["volumes"] == 1
    assert "are out" not in "".join(done("status", config=config)["alerts"])
