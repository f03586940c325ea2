"""Genuine PEC and the nastiest mail that others have collected: archived byte for byte, judged for what it is."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.archives import demo, kept, sealed, trust
from support.commands import archiver, done
from support.tools import shared

GENUINE = ("pec_messages__", "52f670d4", "6c919939", "b7ff4b0d")
ALTERED = "06216bf3"


@dataclass(frozen=True)
class Intake:
    """An archive with all of a part of the corpus in it, sealed."""

    config: Path
    files: dict[str, bytes]
    findings: dict[str, int]

    def content(self, name: str) -> str:
        """The four outcomes of the provider's signature: integrity, origin, time, algorithm."""
        digest = hashlib.sha256(next(raw for path, raw in self.files.items() if name in path)).hexdigest()
        messages = done("show", digest, config=self.config)["messages"]
        return next(message["content"] for message in messages if message["sha256"] == digest)


@pytest.fixture(scope="module")
def pec(tmp_path_factory: pytest.TempPathFactory) -> Intake:
    folder = shared("corpus/pec")
    config = demo(tmp_path_factory.mktemp("pec"))
    trust(config, shared("corpus/certs/pec-signers").glob("*.pem"))
    files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.eml"))}
    found = done("ingest", "--from", folder, config=config)
    assert found["new"] + found["known"] == len(list(folder.rglob("*.eml")))
    assert found["failed"] == 0
    sealed(config)
    return Intake(config, files, found["findings"])


def test_every_pec_of_the_corpus_comes_back_byte_for_byte(pec: Intake) -> None:
    assert pec.files
    assert set(kept(pec.config).values()) == set(pec.files.values())


@pytest.mark.parametrize("name", GENUINE)
def test_a_genuine_signature_is_intact_and_of_its_provider_and_its_time_unproven(pec: Intake, name: str) -> None:
    names = [path for path in pec.files if name in path]
    assert names
    for path in names:
        integrity, origin, time, _ = pec.content(path).split()
        assert (integrity, origin, time) == ("PASSED", "PASSED", "INDETERMINATE"), path


def test_the_expired_certificate_is_explained_and_never_called_unsigned(pec: Intake) -> None:
    path = next(shared("corpus/pec").rglob("*b7ff4b0d.eml"))
    found = archiver("verify", path, config=pec.config)
    assert found.code == 1
    assert "certificato scaduto il" in found.out
    assert "l'archivio prova l'esistenza dal" in found.out
    assert "non firmat" not in found.out


def test_a_signature_with_sha_1_is_noted_as_such(pec: Intake) -> None:
    path = next(shared("corpus/pec").rglob("*b7ff4b0d.eml"))
    found = archiver("verify", path, "--json", config=pec.config)
    assert any(item["code"] == "PEC_ALGORITHM_WEAK" and "SHA1" in item["text"] for item in found.json["findings"])
    assert pec.content("b7ff4b0d").split()[3] == "INDETERMINATE"


def test_the_twin_that_an_editor_altered_fails_and_is_archived_all_the_same(pec: Intake) -> None:
    assert pec.content(ALTERED).split()[0] == "FAILED"
    assert next(raw for path, raw in pec.files.items() if ALTERED in path) in kept(pec.config).values()


def test_altered_pec_changes_the_count_of_contents_and_not_the_verdict_on_the_package(pec: Intake) -> None:
    judged = done("verify", pec.config.parent / "store", config=pec.config)
    assert judged["indication"] == "PASSED"
    assert judged["content"]["FAILED"] >= 1
    assert sum(judged["content"].values()) == len(set(pec.files.values()))


def test_line_ends_that_had_to_be_repaired_are_said(pec: Intake) -> None:
    assert any(b"\r\n" not in raw for path, raw in pec.files.items() if any(name in path for name in GENUINE))
    assert pec.findings["CRLF_REPAIRED"] >= len(GENUINE)


def test_no_origin_is_believed_without_the_certificates_of_the_providers(tmp_path: Path) -> None:
    path = next(shared("corpus/pec").rglob("*b7ff4b0d.eml"))
    config = demo(tmp_path / "archive")
    done("ingest", "--from", path, config=config)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert done("show", digest, config=config)["messages"][0]["content"].split()[:2] == ["PASSED", "INDETERMINATE"]


def test_the_nastiest_mail_comes_back_byte_for_byte_from_a_sealed_archive(tmp_path: Path) -> None:
    folder = shared("corpus/mail")
    config, copies = demo(tmp_path / "archive"), tmp_path / "copies"
    copies.mkdir()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for number, path in enumerate(files):  # under other names most of them would not pass for messages
        shutil.copy(path, copies / f"{number:06}.eml")
    wanted = {path.read_bytes() for path in files}
    found = done("ingest", "--from", copies, config=config)
    assert (found["failed"], found["new"], found["known"]) == (0, len(wanted), len(files) - len(wanted))
    assert set(kept(config).values()) == wanted
    answer = sealed(config)
    assert (answer["messages"], answer["failures"]) == (len(wanted), [])
    shown = done("search", "--limit", 1000, config=config)["results"]
    assert shown
    for hit in shown[::25]:
        assert done("show", hit["dossier"], config=config)["messages"]
