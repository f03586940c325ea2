"""What providers write keeps RFC 6109 and shows every manner of real ones; read by foreign tools."""

import hashlib
import os
import re
import subprocess
from collections import Counter, defaultdict
from email.header import decode_header, make_header
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree
from support.pecsim import Box, Mail
from support.tools import shared, tool

CA = "providers/ca-pec-simulata.pem"
KINDS = {
    "inviato", "accettazione", "non-accettazione", "presa-in-carico", "avvenuta-consegna", "errore-consegna",
    "preavviso-errore-consegna", "rilevazione-virus", "posta-certificata", "anomalia", "ordinario", "rem",
}  # fmt: skip
SERVICE = {"presa-in-carico", "rilevazione-virus"}
UNSIGNED = {"inviato", "ordinario"}


def subject(mail: Mail) -> str:
    """The subject, encoded or not; raw octets as the charset that can read them."""
    raw = re.search(rb"^Subject: ([^\r]*(?:\r\n[ \t][^\r]*)*)", mail.raw, re.MULTILINE)
    assert raw
    if raw[1].isascii():
        return str(make_header(decode_header(raw[1].decode().replace("\r\n", ""))))
    text = raw[1].replace(b"\r\n", b"")
    return text.decode("utf-8" if utf8(text) else "iso-8859-1")


def test_every_kind_is_there_over_several_years(mixed: Box) -> None:
    assert {mail.truth["kind"] for mail in mixed.mails} == KINDS
    assert {mail.stated("giorno")[-4:] for mail in mixed.certified} >= {"2024", "2025", "2026"}
    assert {mail.daticert.find(".//data").get("zona") for mail in mixed.certified} == {"+0100", "+0200"}


def test_some_conversations_straddle_the_new_year_in_rome(mixed: Box) -> None:
    days: dict[str, set[str]] = defaultdict(set)
    for mail in mixed.certified:
        days[mail.truth["identificativo"]].add(mail.stated("giorno")[:5])
    assert any(found >= {"31/12", "01/01"} for found in days.values())


def test_every_daticert_keeps_the_dtd(mixed: Box) -> None:
    dtd = etree.DTD(str(shared("schemas/pec/daticert.dtd")))
    for mail in mixed.certified:
        assert dtd.validate(mail.daticert), dtd.error_log


def test_the_truth_names_each_message_as_it_names_itself(mixed: Box) -> None:
    for mail in mixed.mails:
        assert (mail.parsed["Message-ID"] or "").strip("<>") == mail.truth["message_id"]
        if mail.daticert is None:
            assert mail.truth["identificativo"] == ""
        else:
            assert mail.stated("identificativo") == mail.truth["identificativo"]
            assert mail.daticert.get("tipo") == mail.truth["kind"]
            assert mail.truth["kind"] == (mail.parsed["X-Ricevuta"] or mail.parsed["X-Trasporto"])


def test_a_provider_signs_all_but_the_copies_and_ordinary_mail_and_certifies_pec_only(mixed: Box) -> None:
    for mail in mixed.mails:
        assert mail.by_provider == (mail.truth["kind"] not in UNSIGNED)
        assert (mail.daticert is None) == (mail.truth["kind"] in UNSIGNED | {"anomalia", "rem"})


def test_an_envelope_is_called_by_its_identificativo_and_nothing_else_is(mixed: Box) -> None:
    for mail in mixed.certified:
        named = mail.truth["message_id"] == mail.truth["identificativo"]
        assert named == (mail.truth["kind"] == "posta-certificata")


def test_a_notice_goes_to_the_sender_and_what_providers_tell_each_other_to_a_provider(mixed: Box) -> None:
    for mail in mixed.certified:
        if mail.truth["kind"] == "posta-certificata":
            continue
        sender, to = mail.stated("mittente"), parseaddr(mail.parsed["To"])[1]
        assert (to == sender) == (mail.truth["kind"] not in SERVICE)
        assert to == sender or to.startswith("posta-certificata@")
        assert (mail.parsed["X-Mittente"] == sender) == (mail.truth["kind"] == "rilevazione-virus")


def test_a_virus_is_in_the_header_of_what_the_sender_gets(mixed: Box) -> None:
    virus = [mail for mail in mixed.certified if mail.daticert.get("errore") == "virus"]
    assert {mail.truth["kind"] for mail in virus} == {"non-accettazione", "errore-consegna", "rilevazione-virus"}
    told = [mail for mail in mixed.mails if mail.parsed["X-VerificaSicurezza"] == "errore"]
    assert {mail.raw for mail in told} == {mail.raw for mail in virus if mail.truth["kind"] not in SERVICE}
    assert all("PER VIRUS: " in subject(mail) for mail in told)


def test_a_subject_says_in_the_header_what_it_says_in_the_daticert(mixed: Box) -> None:
    for mail in mixed.certified:
        assert subject(mail).endswith(mail.stated("oggetto"))


def test_subjects_beyond_ascii_come_in_every_coding_and_some_with_a_prefix_of_a_client(mixed: Box) -> None:
    heads = [mail.raw.partition(b"\r\n\r\n")[0] for mail in mixed.mails]
    found = {coding.lower() for head in heads for coding in re.findall(rb"^Subject: =\?(.*?\?[QB])\?", head, re.M)}
    assert found == {b"utf-8?q", b"utf-8?b", b"iso-8859-1?q", b"iso-8859-1?b"}
    raw = [head for head in heads if not head.isascii()]
    assert any(utf8(head) for head in raw)
    assert any(not utf8(head) for head in raw)
    assert {each[:3] for mail in mixed.certified if (each := subject(mail))[:3] in ("Re:", "I: ")} == {"Re:", "I: "}


def utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_the_manners_of_providers_are_all_there(mixed: Box) -> None:
    signed = [mail for mail in mixed.mails if mail.by_provider]
    heads = [mail.raw.partition(b"\r\n\r\n")[0].decode("latin-1") for mail in signed]
    assert {match[1] for head in heads if (match := re.search(r"micalg=(\S+?);", head))} == {
        '"sha1"', "sha1", '"SHA1"', "sha-256", '"sha-256"', "sha256",
    }  # fmt: skip
    assert {mail.parsed.get_param("protocol") for mail in signed} == {
        "application/pkcs7-signature", "application/x-pkcs7-signature",
    }  # fmt: skip
    assert {mail.p7s[:2] for mail in signed} == {b"\x30\x80", b"\x30\x82"}
    orders = {tuple(part.get_filename() or part.get_content_type() for part in mail.top_parts) for mail in signed}
    assert orders >= {
        ("text/plain", "daticert.xml", "postacert.eml"), ("text/plain", "postacert.eml", "daticert.xml"),
        ("multipart/alternative", "postacert.eml", "daticert.xml"), ("text/plain", "daticert.xml"),
        ("multipart/alternative", "logo.png", "daticert.xml", "postacert.eml"),
    }  # fmt: skip
    asked = {name for mail in mixed.mails for name in mail.parsed if name.lower() == "x-tiporicevuta"}
    assert asked == {"X-TipoRicevuta", "X-Tiporicevuta"}


def test_every_signature_is_right_over_the_raw_octets(mixed: Box) -> None:
    ca = x509.load_pem_x509_certificate((mixed.folder / CA).read_bytes())
    algorithms: dict[str, Any] = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256()}
    seen: Counter[str] = Counter()
    for mail in (mail for mail in mixed.mails if mail.by_provider):
        signer, certificate = mail.signed_data["signer_infos"][0], mail.signed_data["certificates"][0]
        digest = signer["digest_algorithm"]["algorithm"].native
        attributes = {each["type"].native: each["values"][0].native for each in signer["signed_attrs"]}
        assert attributes["message_digest"] == hashlib.new(digest, mail.signed_octets).digest()
        judge: Any = x509.load_der_x509_certificate(certificate.dump())
        judge.verify_directly_issued_by(ca)
        assert judge.not_valid_before_utc < attributes["signing_time"] < judge.not_valid_after_utc
        signed = signer["signed_attrs"].untag().dump()
        judge.public_key().verify(signer["signature"].native, signed, padding.PKCS1v15(), algorithms[digest])
        assert str(mail.parsed.get_param("micalg")).replace("-", "").lower() == digest
        seen[digest] += 1
    assert seen["sha256"] > seen["sha1"] > 0


def test_openssl_accepts_the_signatures_in_der_and_in_ber(mixed: Box, tmp_path: Path) -> None:
    openssl, lengths = tool("openssl"), set()
    for number, mail in enumerate([mail for mail in mixed.mails if mail.by_provider][::40]):
        path = tmp_path / f"{number}.eml"
        path.write_bytes(mail.raw)
        # judged at the message's own time, whatever today is
        at = str(int(parsedate_to_datetime(mail.parsed["Date"]).timestamp()))
        command = [openssl, "cms", "-verify", "-inform", "SMIME", "-in", str(path), "-purpose", "any"]
        trust = ["-attime", at, "-CAfile", str(mixed.folder / CA), "-out", os.devnull]
        done = subprocess.run(command + trust, capture_output=True, text=True)
        assert done.returncode == 0, f"{mail.truth}: {done.stderr}"
        lengths.add(mail.p7s[:2])
    assert lengths == {b"\x30\x80", b"\x30\x82"}


def test_the_signing_certificates_keep_the_profile_of_rfc_6109_5_5(mixed: Box) -> None:
    signed = [mail for mail in mixed.certified if mail.by_provider]
    seen = {m.signed_data["certificates"][0].dump(): parseaddr(m.parsed["From"])[1] for m in signed}
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


def test_an_anomaly_envelope_holds_the_whole_message_and_certifies_nothing(mixed: Box) -> None:
    for mail in mixed.mails:
        if mail.truth["kind"] == "anomalia":
            assert mail.parsed["X-Trasporto"] == "errore"
            assert mail.top_parts[0].get_content_type() in (
                "text/plain", "multipart/alternative",
            )  # fmt: skip
            inner = mail.top_part("postacert.eml").get_payload(0)
            assert inner["Message-ID"] == mail.parsed["Message-ID"]


def test_what_is_delivered_is_the_sent_copy_but_for_names_and_trace(mixed: Box) -> None:
    sent = {mail.truth["message_id"]: mail.raw for mail in mixed.mails if mail.truth["kind"] == "inviato"}
    bodies = {name: raw.partition(b"MIME-Version: 1.0\r\n")[2] for name, raw in sent.items() if name}
    checked = 0
    for mail in mixed.certified:
        name = mail.stated("msgid").strip("<>")
        complete = mail.truth["kind"] == "avvenuta-consegna" and b'<ricevuta tipo="completa"' in mail.xml
        if complete and name in bodies and mail.top_part("postacert.eml") is not None:
            assert bodies[name] in mail.raw
            checked += 1
    assert checked > 100


def test_a_forwarded_pec_has_a_daticert_of_its_own_below_the_top(mixed: Box) -> None:
    found = Counter(
        "attached" if b"filename=posta_certificata.eml" in mail.raw.replace(b'"', b"") else "files"
        for dossier in mixed.told("inoltro")
        for mail in mixed.of(dossier)
        if sum(part.get_filename() == "daticert.xml" for part in mail.parsed.walk()) > 1
    )
    assert found["attached"]
    assert found["files"]
    assert sum(found.values()) == len(mixed.told("inoltro"))


def test_a_message_that_its_author_signed_has_two_signatures_by_two_signers(mixed: Box) -> None:
    for dossier in mixed.told("busta-firmata"):
        (mail,) = mixed.of(dossier)
        inner = mail.top_part("postacert.eml").get_payload(0)
        assert inner.get_content_type() == "multipart/signed"
        assert inner.get_payload(1).get_payload(decode=True) != mail.p7s


def test_rem_is_told_by_headers_of_two_standards_or_by_the_evidence_alone(mixed: Box) -> None:
    rem = [mail for mail in mixed.mails if mail.truth["kind"] == "rem"]
    prefixes = {next((name.split("-")[0] for name in mail.parsed if "REM-" in name), "none") for mail in rem}
    assert prefixes == {"REM", "X", "none"}
    assert all(b"http://uri.etsi.org/" in evidence(mail) for mail in rem)


def evidence(mail: Mail) -> bytes:
    (part,) = (part for part in mail.top_parts if part.get_content_type() == "application/xml")
    return bytes(part.get_payload(decode=True))


def test_every_line_ends_in_crlf_and_is_short_enough_for_smtp_and_bodies_are_ascii(mixed: Box) -> None:
    for mail in mixed.mails:
        assert mail.raw.endswith(b"\r\n")
        assert not any(len(line) > 998 or {*line} & {10, 13} for line in mail.raw.split(b"\r\n"))
        beyond = [line for line in mail.raw.split(b"\r\n") if not line.isascii()]
        assert all(line.startswith((b"Subject: ", b" ")) for line in beyond)
