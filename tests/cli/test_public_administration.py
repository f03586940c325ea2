"""A public administration: its own protocol comes as a sidecar, is awaited, and its absence is said."""

import hashlib
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import etree
from support.archives import add_mailbox, demo, folder_of, letter, sealed, set_lines, simulated, volumes
from support.commands import archiver, done
from support.tools import shared

from archiver import compose
from archiver.cli.door import now
from archiver.seal import Report

HEAD = "key,number,date,register,index,description,aggregation_type,aggregation"
LETTERS = tuple(letter(f"istanza {number}") for number in range(3))


def row(key: str, number: int = 1, description: str = "Contratti") -> str:
    return f"{key},{number},2026-03-03,PROT,IV.2,{description},Fascicolo,2026/IV.2/7"


def sidecar(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "protocollo.csv"
    path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A demonstration archive of an administration, which waits ten days for its protocol."""
    config = demo(tmp_path / "archive")
    set_lines(config, "archive", {"kind": '"pa"'})
    set_lines(config, "mailbox", {"close_after": '"1d"', "annotations_days": "10"})
    return config


def metadata(config: Path) -> dict[str, etree._Element]:
    """The metadata document of every message in a volume, by the message's digest."""
    found = {}
    for volume in volumes(config):
        with ZipFile(volume / "metadata.zip") as file:
            for name in file.namelist():
                found[name.removeprefix("metadata/").removesuffix(".xml")] = etree.fromstring(file.read(name))
    return found


def valid(document: etree._Element) -> bool:
    """Whether AgID's own schema takes it."""
    name = etree.QName(document).localname
    return etree.XMLSchema(file=str(shared(f"schemas/agid-metadati/{name}.xsd"))).validate(document)


def keys_of(raw: bytes) -> tuple[str, str]:
    text = raw.decode()
    message_id = text[text.index("Message-ID: ") + 12 :].partition("\r\n")[0]
    return message_id, hashlib.sha256(raw).hexdigest()


def seal(config: Path, days: int, *, everything: bool = False) -> Report:
    archive = compose.open_archive(config, environ={}, clock=now)
    at = now() + timedelta(days=days)  # no hour more: days are Rome's, and at eleven at night it is another one
    step = {"clock": lambda: at, "progress": lambda done, total: None}
    return compose.seal(archive, everything=everything, to_sign=None, signed=None, **step)  # type: ignore[arg-type]


def test_annotated_messages_are_described_as_administrative_documents(config: Path, tmp_path: Path) -> None:
    mailbox = folder_of(tmp_path / "mail", *LETTERS)
    (first, _), (_, second), _ = map(keys_of, LETTERS)
    annotations = sidecar(tmp_path, row(first, 12), row(second.upper(), 13, '"Appalti, forniture"'))
    done("ingest", "--from", mailbox, "--annotations", annotations, config=config)
    assert sealed(config)["volumes"] == 1
    documents = {digest: metadata(config)[digest] for _, digest in map(keys_of, LETTERS)}
    assert [etree.QName(document).localname for document in documents.values()] == [
        "DocumentoAmministrativoInformatico",
        "DocumentoAmministrativoInformatico",
        "DocumentoInformatico",
    ]
    assert all(map(valid, documents.values()))
    found = documents[second]
    assert found.findtext(".//{*}NumeroProtocolloDocumento") == "0000013"
    assert found.findtext(".//{*}CodiceRegistro") == "PROT"
    assert found.findtext(".//{*}DataProtocollazioneDocumento", "").startswith("2026-03-03")
    assert found.findtext(".//{*}Classificazione/{*}Descrizione") == "Appalti, forniture"


def test_an_identificativo_names_the_envelope_and_its_receipts(config: Path, tmp_path: Path) -> None:
    mailbox = simulated(tmp_path / "mail", 30)
    done("ingest", "--from", mailbox, config=config)
    hits = done("search", "--kind", "posta-certificata", config=config)["results"]
    done("ingest", "--annotations", sidecar(tmp_path, row(hits[0]["identificativo"])), config=config)
    assert sealed(config)["volumes"] >= 1
    documents = metadata(config)
    assert all(map(valid, documents.values()))
    assert etree.QName(documents[hits[0]["dossier"]]).localname == "DocumentoAmministrativoInformatico"
    assert etree.QName(documents[hits[1]["dossier"]]).localname == "DocumentoInformatico"


def test_a_volume_closed_without_protocol_says_so(config: Path, tmp_path: Path) -> None:
    done("ingest", "--from", folder_of(tmp_path / "mail", *LETTERS), config=config)
    done("ingest", "--annotations", sidecar(tmp_path, row(keys_of(LETTERS[0])[0])), config=config)
    found = archiver("seal", "--now", "--json", config=config)
    assert found.code == 0
    (warning,) = found.json["warnings"]
    assert (warning["code"], warning["severity"]) == ("ANNOTATION_MISSING", "warning")
    assert "2 messages of 3" in warning["text"]
    assert "senza il protocollo dell'ente per 2 messaggi su 3" in found.err
    assert {etree.QName(document).localname for document in metadata(config).values()} == {
        "DocumentoAmministrativoInformatico",
        "DocumentoInformatico",
    }


def test_a_private_archive_is_not_asked_for_a_protocol(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    done("ingest", "--from", folder_of(tmp_path / "mail", *LETTERS), config=config)
    assert sealed(config)["warnings"] == []


# the days on which `seal` runs; after which of them all messages are annotated; the day on which the volume closes
WAITING = {
    "never annotated": ((0, 1, 5, 9, 10), None, 10),
    "annotated while it waits": ((0, 1, 5, 6), 5, 6),
    "annotated before its age": ((0, 1), 0, 1),
}


@pytest.mark.parametrize("name", WAITING)
def test_a_volume_waits_for_the_protocol_of_all_its_messages_or_for_so_many_days(
    config: Path, tmp_path: Path, name: str
) -> None:
    days, annotated, closing = WAITING[name]
    done("ingest", "--from", folder_of(tmp_path / "mail", *LETTERS), config=config)
    done("ingest", "--annotations", sidecar(tmp_path, *(row(keys_of(raw)[0]) for raw in LETTERS[:2])), config=config)
    closed = {}
    for day in days:
        report = seal(config, day)
        closed[day] = report.volumes
        if day == annotated:
            done(
                "ingest", "--annotations", sidecar(tmp_path, *(row(keys_of(raw)[0]) for raw in LETTERS)), config=config
            )
    assert closed == {day: int(day == closing) for day in days}
    assert len(report.warnings) == (annotated is None)


def test_one_who_asks_for_everything_now_does_not_wait(config: Path, tmp_path: Path) -> None:
    done("ingest", "--from", folder_of(tmp_path / "mail", *LETTERS), config=config)
    report = seal(config, 0, everything=True)
    assert (report.volumes, [found.code for found in report.warnings]) == (1, ["ANNOTATION_MISSING"])


def test_a_protocol_that_comes_after_a_run_was_cut_short_does_not_split_index_and_metadata(
    config: Path, tmp_path: Path
) -> None:
    done("ingest", "--from", folder_of(tmp_path / "mail", *LETTERS), config=config)
    done("seal", "--now", "--to-sign", tmp_path / "firma", config=config)  # leaves a volume begun
    done("ingest", "--annotations", sidecar(tmp_path, *(row(keys_of(raw)[0]) for raw in LETTERS)), config=config)
    assert [warning["code"] for warning in sealed(config)["warnings"]] == ["ANNOTATION_MISSING"]
    assert {etree.QName(document).localname for document in metadata(config).values()} == {"DocumentoInformatico"}


def test_all_complaints_about_a_sidecar_come_at_once_and_nothing_is_taken_in(config: Path, tmp_path: Path) -> None:
    annotations = sidecar(
        tmp_path,
        row("buono@posta.example"),
        "data@posta.example,1,3 marzo,PROT,IV.2,Contratti,Cartella,",
        "registro@posta.example,1,2026-03-03,REGISTRO GENERALE,IV.2,Contratti,Fascicolo,7",
        row(""),
        row("buono@posta.example"),
        "classe@posta.example,1,2026-03-03,PROT,,,Fascicolo,7",
    )
    found = archiver(
        "ingest", "--from", folder_of(tmp_path / "mail", *LETTERS), "--annotations", annotations, config=config
    )
    assert found.code == 2
    for words in (
        f"{annotations} cannot be used",
        "line 3: date: a day such as 2026-03-31 is expected, found '3 marzo'",
        "line 3: aggregation_type: expected Fascicolo,",
        "line 3: aggregation: the id of the folder or series is missing",
        "line 4: CodiceRegistro: expected 1 to 16",
        "line 5: key '' is missing",
        "line 6: key 'buono@posta.example' is twice there",
        "line 7: Classificazione: expected index and description",
    ):
        assert words in found.err
    assert done("status", config=config)["messages"] == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"chiave;numero\n1;2\n", "missing columns key, number, date"),
        ("perché\n".encode("latin-1"), "cannot be read as UTF-8 text"),
        (b"", "missing columns key"),
    ],
)
def test_a_file_that_is_no_sidecar_is_named(config: Path, tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "foglio.csv").write_bytes(content)
    found = archiver("ingest", "--annotations", tmp_path / "foglio.csv", config=config)
    assert found.code == 2
    assert "foglio.csv" in found.err
    assert words in found.err


def test_what_a_spreadsheet_saves_is_read(config: Path, tmp_path: Path) -> None:
    path = tmp_path / "foglio.csv"
    lines = [HEAD, *(row(keys_of(raw)[0]) for raw in LETTERS)]
    path.write_bytes(("\ufeff" + "\r\n".join(lines).replace(",", ";") + "\r\n").encode())
    done("ingest", "--from", folder_of(tmp_path / "mail", *LETTERS), "--annotations", path, config=config)
    assert sealed(config)["warnings"] == []


def test_a_sidecar_belongs_to_one_mailbox(config: Path, tmp_path: Path) -> None:
    add_mailbox(config, "urp")
    annotations = sidecar(tmp_path, row(keys_of(LETTERS[0])[0]))
    found = archiver("ingest", "--annotations", annotations, config=config)
    assert found.code == 2
    assert "--mailbox NAME is needed; configured: import, urp" in found.err
    done("ingest", "--annotations", annotations, "--mailbox", "urp", config=config)
    mail = folder_of(tmp_path / "mail", LETTERS[0])
    for name in ("import", "urp"):
        done("ingest", "--from", mail, "--mailbox", name, config=config)
    assert len(sealed(config)["warnings"]) == 1
    kinds = set()
    for volume in volumes(config):
        with ZipFile(volume / "metadata.zip") as file:
            kinds |= {etree.QName(etree.fromstring(file.read(name))).localname for name in file.namelist()}
    assert kinds == {"DocumentoAmministrativoInformatico", "DocumentoInformatico"}
