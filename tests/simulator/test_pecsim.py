"""The simulator tells the truth about what it writes, writes the same each time, and keeps RFC 6109."""

import ast
import email
import email.policy
import email.utils
import hashlib
import json
import mailbox
import os
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree
from simulator.cli import main

ROOT = Path(__file__).parents[2]
DTD = ROOT.parent / "shared/schemas/pec/daticert.dtd"
CA = "providers/ca-pec-simulata.pem"
STATES = {"delivered", "failed", "pending", "external", "refused"}
KINDS = {
    "inviato", "accettazione", "non-accettazione", "avvenuta-consegna", "errore-consegna",
    "posta-certificata", "anomalia", "ordinario",
}  # fmt: skip


class Mail(NamedTuple):
    """One message, read by tools that are neither the simulator's nor the archive's, beside the truth about it."""

    path: Path
    raw: bytes
    parsed: Any
    daticert: Any
    truth: dict[str, str]

    @property
    def signed(self) -> bool:
        return bool(self.parsed.get_content_type() == "multipart/signed")

    @property
    def signed_data(self) -> Any:
        der = self.parsed.get_payload(1).get_payload(decode=True)
        return cms.ContentInfo.load(der, strict=True)["content"]


def pecsim(out: Path, **options: object) -> dict[str, Any]:
    """Runs the simulator in this process and returns its ground truth."""
    arguments = {"messages": 200, "size": 300, "format": "eml", "out": out} | options
    assert main([word for name, value in arguments.items() for word in (f"--{name}", str(value))]) == 0
    truth: dict[str, Any] = json.loads((out / "expected.json").read_text())
    return truth


def door(out: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs the simulator as its user does, in a process of its own."""
    command = [sys.executable, str(ROOT / "scripts/pecsim"), "--out", str(out), "--messages", "25", "--size", "300"]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environ)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mailbox of 400 messages, five recipients each sending."""
    out = tmp_path_factory.mktemp("crowd")
    pecsim(out, messages=400, recipients=5)
    return out


@pytest.fixture(scope="module")
def dossiers(crowd: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((crowd / "expected.json").read_text())["dossiers"]
    return found


@pytest.fixture(scope="module")
def mails(crowd: Path) -> list[Mail]:
    truths = json.loads((crowd / "expected.json").read_text())["messages"]
    paths = sorted((crowd / "mailbox").glob("*.eml"))
    return [read(path, truth) for path, truth in zip(paths, truths, strict=True)]


def read(path: Path, truth: dict[str, str]) -> Mail:
    parsed: Any = email.message_from_bytes(path.read_bytes())
    part = top_part(parsed, "daticert.xml")
    daticert = None if part is None else etree.fromstring(part.get_payload(decode=True))
    return Mail(path, path.read_bytes(), parsed, daticert, truth)


def top_part(parsed: Any, name: str) -> Any:
    """The part of that name at the top level of the signed part: the only place that counts."""
    parts = parsed.get_payload(0).get_payload() if parsed.get_content_type() == "multipart/signed" else []
    return next((part for part in parts if part.get_filename() == name), None)


def certified(mails: list[Mail]) -> list[Mail]:
    return [mail for mail in mails if mail.daticert is not None]


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def tree(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_the_same_arguments_give_the_same_bytes_whatever_the_zone_and_the_hash_seed(tmp_path: Path) -> None:
    assert door(tmp_path / "a", PYTHONHASHSEED="1", TZ="UTC").returncode == 0
    assert door(tmp_path / "b", PYTHONHASHSEED="2", TZ="Asia/Tokyo").returncode == 0
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    assert len(tree(tmp_path / "a")) == 25 + 2  # the messages, the CA, the truth


def test_another_seed_gives_other_messages_under_the_same_authority(tmp_path: Path) -> None:
    truths = [pecsim(tmp_path / str(seed), seed=seed) for seed in (1, 2)]
    for question, name in (("messages", "sha256"), ("dossiers", "identificativo")):
        first, second = ({row[name] for row in truth[question]} - {""} for truth in truths)
        assert first.isdisjoint(second)
    assert (tmp_path / "1" / CA).read_bytes() == (tmp_path / "2" / CA).read_bytes()


def test_the_three_formats_hold_the_same_messages(tmp_path: Path) -> None:
    maildir, mbox, eml = (pecsim(tmp_path / shape, format=shape) for shape in ("maildir", "mbox", "eml"))
    assert maildir == mbox == eml


def test_exactly_as_many_messages_as_asked(tmp_path: Path) -> None:
    for count in range(1, 51):
        out = tmp_path / str(count)
        truth = pecsim(out, messages=count, recipients=3)
        assert len(truth["messages"]) == len(list((out / "mailbox").glob("*.eml"))) == count


def test_the_digests_are_those_of_the_files(mails: list[Mail]) -> None:
    assert [sha256(mail.raw) for mail in mails] == [mail.truth["sha256"] for mail in mails]


def test_a_maildir_holds_the_same_octets_some_of_them_unread(tmp_path: Path) -> None:
    truth = pecsim(tmp_path / "out", format="maildir")
    paths = list((tmp_path / "out/mailbox").glob("*/*"))
    assert {sha256(path.read_bytes()) for path in paths} == {m["sha256"] for m in truth["messages"]}
    assert len(paths) == len(truth["messages"])
    assert {path.parent.name for path in paths} == {"cur", "new"}


def test_an_mbox_gives_its_messages_back_when_the_quoting_is_undone(tmp_path: Path) -> None:
    truth = pecsim(tmp_path / "out", format="mbox", messages=400)
    box = mailbox.mbox(tmp_path / "out/mailbox.mbox", create=False)
    quoted = [box.get_bytes(key) for key in box.iterkeys()]
    raws = [re.sub(rb"^>(?=>*From )", b"", raw, flags=re.MULTILINE) for raw in quoted]
    assert [sha256(raw) for raw in raws] == [m["sha256"] for m in truth["messages"]]
    assert raws != quoted, "nothing was quoted: the claim would be empty"


def test_every_kind_is_there_over_several_years(mails: list[Mail]) -> None:
    assert {mail.truth["kind"] for mail in mails} == KINDS
    assert {mail.daticert.findtext(".//giorno")[-4:] for mail in certified(mails)} >= {"2024", "2025", "2026"}
    assert {mail.daticert.find(".//data").get("zona") for mail in certified(mails)} == {"+0100", "+0200"}


def test_some_conversations_straddle_the_new_year_in_rome(mails: list[Mail]) -> None:
    days: dict[str, set[str]] = defaultdict(set)
    for mail in certified(mails):
        days[mail.truth["identificativo"]].add(mail.daticert.findtext(".//giorno")[:5])
    assert any(found >= {"31/12", "01/01"} for found in days.values())


def test_a_sending_to_five_has_five_recipients_in_its_dossier(dossiers: list[dict[str, Any]]) -> None:
    sendings = [dossier["recipients"] for dossier in dossiers if dossier["recipients"]]
    assert {len(recipients) for recipients in sendings} == {5}
    assert {each["state"] for recipients in sendings for each in recipients} == STATES


def test_there_is_one_dossier_for_each_sending_and_each_envelope(
    mails: list[Mail], dossiers: list[dict[str, Any]]
) -> None:
    count = Counter(mail.truth["kind"] for mail in mails)
    assert len(dossiers) == count["inviato"] + count["posta-certificata"]
    received = {dossier["identificativo"] for dossier in dossiers if not dossier["recipients"]}
    assert received == {m.truth["identificativo"] for m in mails if m.truth["kind"] == "posta-certificata"}


def test_the_states_are_those_that_the_receipts_tell(mails: list[Mail], dossiers: list[dict[str, Any]]) -> None:
    states = {"avvenuta-consegna": "delivered", "errore-consegna": "failed"}
    told = {
        (mail.truth["identificativo"], mail.daticert.findtext(".//consegna")): states[mail.daticert.get("tipo")]
        for mail in certified(mails)
        if mail.daticert.get("tipo") in states
    }
    claimed = {(d["identificativo"], r["address"]): r["state"] for d in dossiers for r in d["recipients"]}
    assert {key: state for key, state in claimed.items() if state in states.values()} == told


def test_the_external_are_those_that_the_acceptance_calls_esterno(
    mails: list[Mail], dossiers: list[dict[str, Any]]
) -> None:
    accepted = [mail.daticert for mail in mails if mail.truth["kind"] == "accettazione"]
    told = {each.text for daticert in accepted for each in daticert.iterfind(".//destinatari[@tipo='esterno']")}
    assert told == {r["address"] for d in dossiers for r in d["recipients"] if r["state"] == "external"}


def test_the_truth_names_each_message_as_it_names_itself(mails: list[Mail]) -> None:
    for mail in mails:
        assert mail.parsed["Message-ID"].strip("<>") == mail.truth["message_id"]
        named = "" if mail.daticert is None else mail.daticert.findtext(".//identificativo")
        assert named == mail.truth["identificativo"]
        if mail.daticert is not None:
            assert mail.daticert.get("tipo") == mail.truth["kind"]
            assert mail.truth["kind"] == (mail.parsed["X-Ricevuta"] or mail.parsed["X-Trasporto"])


def test_no_two_messages_share_a_message_id(mails: list[Mail]) -> None:
    assert max(Counter(mail.truth["message_id"] for mail in mails).values()) == 1


def test_a_to_gets_the_whole_message_with_the_receipt_and_a_cc_does_not(mails: list[Mail]) -> None:
    seen = set()
    for mail in certified(mails):
        if mail.truth["kind"] == "avvenuta-consegna":
            tipo = mail.daticert.find(".//ricevuta").get("tipo")
            assert (top_part(mail.parsed, "postacert.eml") is not None) == (tipo == "completa")
            seen.add(tipo)
    assert seen == {"completa", "sintetica"}


def test_a_subject_says_in_the_header_what_it_says_in_the_daticert(mails: list[Mail]) -> None:
    for mail in certified(mails):
        subject = str(email.message_from_bytes(mail.raw, policy=email.policy.default)["Subject"])
        assert subject.endswith(mail.daticert.findtext(".//oggetto"))


def test_what_is_delivered_is_the_sent_copy_but_for_names_and_trace(mails: list[Mail]) -> None:
    sent = {mail.truth["message_id"]: mail.raw for mail in mails if mail.truth["kind"] == "inviato"}
    bodies = {name: raw.partition(b"MIME-Version: 1.0\r\n")[2] for name, raw in sent.items()}
    delivered = [mail for mail in mails if mail.truth["kind"] == "avvenuta-consegna"]
    carrying = [mail for mail in delivered if top_part(mail.parsed, "postacert.eml") is not None]
    assert carrying
    for mail in carrying:
        assert bodies[mail.daticert.findtext(".//msgid").strip("<>")] in mail.raw


def test_an_anomaly_envelope_holds_the_whole_message_and_certifies_nothing(mails: list[Mail]) -> None:
    for mail in mails:
        if mail.truth["kind"] == "anomalia":
            parts = [part.get_content_type() for part in mail.parsed.get_payload(0).get_payload()]
            assert parts == ["text/plain", "message/rfc822"]
            inner = top_part(mail.parsed, "postacert.eml").get_payload(0)
            assert inner["Message-ID"] == mail.parsed["Message-ID"]
            assert mail.parsed["X-Trasporto"] == "errore"


def test_every_line_is_ascii_ends_in_crlf_and_is_short_enough_for_smtp(mails: list[Mail]) -> None:
    for mail in mails:
        assert mail.raw.isascii()
        assert mail.raw.endswith(b"\r\n")
        assert not any(len(line) > 998 or {*line} & {10, 13} for line in mail.raw.split(b"\r\n"))


@pytest.mark.skipif(not DTD.exists(), reason=f"no {DTD}: the DTD of daticert.xml is not at hand")
def test_every_daticert_keeps_the_dtd(mails: list[Mail]) -> None:
    dtd = etree.DTD(str(DTD))
    for mail in certified(mails):
        assert dtd.validate(mail.daticert), dtd.error_log


def signed_octets(raw: bytes) -> bytes:
    """The first part of the multipart/signed, cut out of the raw octets."""
    boundary = re.search(rb'boundary="([^"]+)"', raw)
    assert boundary
    return raw.split(b"\r\n--" + boundary[1], 2)[1].removeprefix(b"\r\n")


def test_every_signature_is_right_over_the_raw_octets(crowd: Path, mails: list[Mail]) -> None:
    ca = x509.load_pem_x509_certificate((crowd / CA).read_bytes())
    algorithms = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256()}
    seen: Counter[str] = Counter()
    for mail in (mail for mail in mails if mail.signed):
        signer, certificate = mail.signed_data["signer_infos"][0], mail.signed_data["certificates"][0]
        digest = signer["digest_algorithm"]["algorithm"].native
        attributes = {each["type"].native: each["values"][0].native for each in signer["signed_attrs"]}
        assert attributes["message_digest"] == hashlib.new(digest, signed_octets(mail.raw)).digest()
        judge: Any = x509.load_der_x509_certificate(certificate.dump())
        judge.verify_directly_issued_by(ca)
        assert judge.not_valid_before_utc < attributes["signing_time"] < judge.not_valid_after_utc
        signed = signer["signed_attrs"].untag().dump()
        judge.public_key().verify(signer["signature"].native, signed, padding.PKCS1v15(), algorithms[digest])
        assert str(mail.parsed.get_param("micalg")).replace("-", "") == digest
        seen[digest] += 1
    assert seen["sha256"] > seen["sha1"] > 0


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")
def test_openssl_accepts_the_signatures(crowd: Path, mails: list[Mail]) -> None:
    sample = [mail for mail in mails if mail.signed][::12]
    assert len(sample) > 20
    for mail in sample:
        # judged at the message's own time, whatever today is
        at = str(int(email.utils.parsedate_to_datetime(mail.parsed["Date"]).timestamp()))
        command = ["openssl", "cms", "-verify", "-inform", "SMIME", "-in", str(mail.path), "-purpose", "any"]
        trust = ["-attime", at, "-CAfile", str(crowd / CA), "-out", os.devnull]
        done = subprocess.run(command + trust, capture_output=True, text=True)
        assert done.returncode == 0, f"{mail.path.name}: {done.stderr}"


def test_the_signing_certificates_keep_the_profile_of_rfc_6109_5_5(mails: list[Mail]) -> None:
    signed = [mail for mail in mails if mail.signed]
    seen = {m.signed_data["certificates"][0].dump(): email.utils.parseaddr(m.parsed["From"])[1] for m in signed}
    assert len(seen) == 3
    for der, address in seen.items():
        certificate = x509.load_der_x509_certificate(der)
        extensions = {type(each.value): each for each in certificate.extensions}
        assert {kind for kind, each in extensions.items() if each.critical} == {x509.KeyUsage}
        assert extensions.keys() >= {x509.SubjectKeyIdentifier, x509.AuthorityKeyIdentifier}
        assert x509.BasicConstraints not in extensions
        assert certificate.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.RFC822Name) == [address]
        assert "SIMULAT" in certificate.subject.rfc4514_string()


def test_a_directory_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    done = door(tmp_path)
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr
    assert tree(tmp_path) == {"precious": b"mine"}


@pytest.mark.parametrize(
    "wrong",
    [
        ("--messages", "0"),
        ("--recipients", "none"),
        ("--address", "studio"),
        ("--start", "1/3/2024"),
        ("--start", "1999-01-01"),
    ],
)
def test_an_argument_that_cannot_be_used_is_refused_with_what_was_expected(
    wrong: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["--out", str(tmp_path / "out"), "--messages", "5", *wrong])
    assert refused.value.code == 2
    assert f"found {wrong[1]!r}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_simulator_shares_no_code_with_the_archive() -> None:
    allowed = sys.stdlib_module_names | {"simulator", "cryptography", "asn1crypto"}
    for path in (ROOT / "scripts/simulator").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= allowed, f"{path.name}: {names}"
