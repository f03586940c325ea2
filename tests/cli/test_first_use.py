"""The first day with an archive of one's own; the commands of the README in their order are in tests/docs."""

from pathlib import Path

from support.archives import filled, folder_of, letter
from support.certificates import Authority
from support.commands import archiver, done


def test_the_first_ingest_makes_the_store_and_the_catalog(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    Authority().person().pem(tmp_path / "archive/keys")
    signer = {"certificate": '"keys/firma.pem"', "key": '"keys/firma.key"', "anchors": '["keys/firma-ca.pem"]'}
    config = filled(tmp_path / "archive", signer=signer)
    assert not (config.parent / "store").exists()
    done("ingest", "--from", folder_of(tmp_path / "mail", letter("prima")), config=config)
    assert (config.parent / "store/.archiver-store").is_file()
    assert done("seal", "--now", config=config)["volumes"] == 1
    assert done("verify", config.parent, config=config)["indication"] == "PASSED"


def test_time_stamps_of_the_embedded_authority_are_never_called_qualified(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    Authority().person().pem(tmp_path / "archive/keys")
    signer = {"certificate": '"keys/firma.pem"', "key": '"keys/firma.key"', "anchors": '["keys/firma-ca.pem"]'}
    config = filled(tmp_path / "archive", signer=signer)
    done("ingest", "--from", folder_of(tmp_path / "mail", letter("prima")), config=config)
    assert any("riferimento temporale non qualificato" in alert for alert in done("status", config=config)["alerts"])
    assert "riferimento temporale non qualificato" in archiver("doctor", config=config).out


def test_init_makes_the_store_in_an_empty_folder_that_ingest_would_not_touch(tmp_path: Path) -> None:
    (tmp_path / "archive/store/lost+found").mkdir(parents=True)  # a disk of its own, just mounted
    Authority().person().pem(tmp_path / "archive/keys")
    signer = {"certificate": '"keys/firma.pem"', "key": '"keys/firma.key"', "anchors": '["keys/firma-ca.pem"]'}
    config = filled(tmp_path / "archive", signer=signer)
    mail = folder_of(tmp_path / "mail", letter("prima"))
    found = archiver("ingest", "--from", mail, config=config)
    assert found.code == 3
    assert "is the disk mounted?" in found.err
    assert archiver("init", config.parent).code == 0
    assert archiver("doctor", config=config).code == 0
    assert done("ingest", "--from", mail, config=config)["new"] == 1


def test_init_leaves_an_archive_that_is_there_as_it_is(tmp_path: Path) -> None:
    assert archiver("init", tmp_path).code == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    found = archiver("init", tmp_path, "--json")
    assert (found.code, found.json["created"]) == (0, False)
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_a_mailbox_with_a_path_is_read_without_naming_it(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    Authority().person().pem(tmp_path / "archive/keys")
    signer = {"certificate": '"keys/firma.pem"', "key": '"keys/firma.key"', "anchors": '["keys/firma-ca.pem"]'}
    config = filled(tmp_path / "archive", signer=signer)
    mail = folder_of(tmp_path / "archive/posta", letter("prima"))
    text = config.read_text(encoding="utf-8").replace('# path = "/var/mail/pec" ', 'path = "posta"')
    config.write_text(text, encoding="utf-8")
    assert done("ingest", config=config)["new"] == 1
    (mail / "seconda.eml").write_bytes(letter("seconda"))
    again = done("ingest", "import", config=config)
    assert (again["new"], again["known"]) == (1, 1)
