"""What a message is: by its headers, confirmed by what its provider signed."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.pec_provider import NOW, Provider

from archiver.pec import message, original
from archiver.pec.kind import Kind
from archiver.pec.message import Message
from archiver.pec.providers import Providers

OWN = frozenset({"Me@pec.example"})
NOBODY = Providers()


def read(raw: bytes, providers: Providers = NOBODY, received: datetime | None = None) -> Message:
    return message.read(raw, own=OWN, providers=providers, proof=NOW, received=received)


def codes(found: Message) -> set[str]:
    return {item.code for item in found.findings}


ORIGINAL = (
    b"From: a@pec.example\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n"
    b"--o\r\n\r\nciao\r\n--o\r\nContent-Type: application/pdf; name=atto.pdf\r\n\r\nPDF\r\n"
    b"--o\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nx\r\n--o--\r\n"
)


def daticert(tipo: str) -> bytes:
    return (
        f'<postacert tipo="{tipo}"><intestazione><mittente>a@pec.example</mittente><destinatari>me@pec.example'
        "</destinatari><risposte/></intestazione><dati><gestore-emittente>G</gestore-emittente>"
        '<data zona="+0100"><giorno>20/11/2026</giorno><ora>09:00:00</ora></data>'
        "<identificativo>i1@pec.example</identificativo></dati></postacert>"
    ).encode()


def content(tipo: str = "", original: bytes = b"", encoding: bytes = b"7bit") -> bytes:
    parts = [b"Content-Type: text/plain\r\n\r\nTesto"]
    if original:
        head = b'Content-Type: message/rfc822; name="postacert.eml"\r\nContent-Transfer-Encoding: ' + encoding
        parts.append(head + b"\r\n\r\n" + original)
    if tipo:
        head = b'Content-Type: application/xml; name="daticert.xml"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        parts.append(head + base64.b64encode(daticert(tipo)))
    body = b"".join(b"\r\n--in\r\n" + part for part in parts)
    return b"Content-Type: multipart/mixed; boundary=in\r\n" + body + b"\r\n--in--\r\n"


@pytest.mark.parametrize(
    ("header", "tipo", "expected", "finding"),
    [
        ("X-Ricevuta: accettazione", "accettazione", Kind.ACCETTAZIONE, None),
        ("x-RICEVUTA: Non-Accettazione", "non-accettazione", Kind.NON_ACCETTAZIONE, None),
        ("X-Ricevuta: presa-in-carico", "presa-in-carico", Kind.PRESA_IN_CARICO, None),
        ("X-Ricevuta: avvenuta-consegna", "avvenuta-consegna", Kind.AVVENUTA_CONSEGNA, None),
        ("X-Ricevuta: errore-consegna", "errore-consegna", Kind.ERRORE_CONSEGNA, None),
        ("X-Ricevuta: preavviso-errore-consegna", "preavviso-errore-consegna", Kind.PREAVVISO_ERRORE_CONSEGNA, None),
        ("X-Ricevuta: rilevazione-virus", "rilevazione-virus", Kind.RILEVAZIONE_VIRUS, None),
        ("X-Trasporto: posta-certificata", "posta-certificata", Kind.POSTA_CERTIFICATA, None),
        ("X-Trasporto: errore", "", Kind.ANOMALIA, None),
        ("X-Trasplorto: errore", "", Kind.ANOMALIA, None),
        ("X-REM-Msg-Type: REMDispatch", "", Kind.REM, None),
        ("X-Ricevuta: avvenuta-consegna", "errore-consegna", Kind.ERRORE_CONSEGNA, "KIND_DIFFERS"),
        ("Subject: CONSEGNA: x", "avvenuta-consegna", Kind.AVVENUTA_CONSEGNA, "KIND_DIFFERS"),
        ("X-Ricevuta: avvenuta-consegna", "", Kind.AVVENUTA_CONSEGNA, "KIND_UNSIGNED"),
        ("X-Ricevuta: boh", "", Kind.ORDINARIO, "KIND_UNKNOWN"),
        ("Subject: CONSEGNA: x", "", Kind.ORDINARIO, "SIGNED_BY_USER"),
    ],
)
def test_the_kind_is_what_the_headers_say_unless_signed_data_say_otherwise(
    provider: Provider, header: str, tipo: str, expected: Kind, finding: str | None
) -> None:
    found = read(provider.sign(content(tipo), header.encode() + b"\r\n"), provider.trust)
    assert found.kind is expected
    if finding:
        assert finding in codes(found)
    else:
        assert codes(found) == set()


def test_signed_data_of_nobody_we_trust_make_no_ordinary_mail_certified(provider: Provider) -> None:
    found = read(provider.sign(content("avvenuta-consegna")))
    assert (found.kind, found.daticert, found.signature) == (Kind.ORDINARIO, None, None)
    assert "DATICERT_UNTRUSTED" in codes(found)


def test_headers_that_nobody_signed_keep_their_kind_with_a_doubt() -> None:
    found = read(b"X-Ricevuta: accettazione\r\nFrom: x@y.it\r\n\r\nciao")
    assert (found.kind, found.signature, found.daticert) == (Kind.ACCETTAZIONE, None, None)
    assert "KIND_UNSIGNED" in codes(found)


def test_the_daticert_of_a_forwarded_pec_does_not_count(provider: Provider) -> None:
    inner = provider.sign(content("avvenuta-consegna"), b"X-Ricevuta: avvenuta-consegna\r\n")
    inner = inner.replace(b"outer", b"other").replace(b"--in", b"--xx").replace(b"boundary=in", b"boundary=xx")
    outer = provider.sign(content("posta-certificata", inner), b"X-Trasporto: posta-certificata\r\n")
    found = read(outer, provider.trust)
    assert found.kind is Kind.POSTA_CERTIFICATA
    assert found.daticert is not None
    assert found.daticert.tipo == "posta-certificata"
    forwarded = b"From: me@pec.example\r\n" + content("", inner)
    assert read(forwarded, provider.trust).kind is Kind.INVIATO


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (b"From: Io <ME@pec.example>\r\n", Kind.INVIATO),
        (b"From: altri@x.it\r\nSender: me@PEC.example\r\n", Kind.INVIATO),
        (b"From: altri@x.it\r\n", Kind.ORDINARIO),
        (b"To: me@pec.example\r\n", Kind.ORDINARIO),
    ],
)
def test_unsigned_mail_from_the_holder_is_what_he_sent(headers: bytes, expected: Kind) -> None:
    assert read(headers + b"\r\nciao").kind is expected


@pytest.mark.parametrize("encoding", [b"7bit", b"8bit", b"binary"])
def test_the_original_is_where_it_is_said_to_be(provider: Provider, encoding: bytes) -> None:
    raw = provider.sign(content("posta-certificata", ORIGINAL, encoding), b"X-Trasporto: posta-certificata\r\n")
    found = read(raw, provider.trust)
    assert found.original is not None
    offset, length = found.original
    assert raw[offset : offset + length] == ORIGINAL == original.octets(raw)
    assert found.attachments == ("atto.pdf",)


def test_an_encoded_original_is_there_without_a_place(provider: Provider) -> None:
    encoded = base64.encodebytes(ORIGINAL).replace(b"\n", b"\r\n")
    raw = provider.sign(content("posta-certificata", encoded, b"base64"), b"X-Trasporto: posta-certificata\r\n")
    found = read(raw, provider.trust)
    assert (found.original, found.has_original, found.attachments) == (None, True, ("atto.pdf",))
    assert original.octets(raw) == ORIGINAL
    assert original.octets(ORIGINAL) is None


def test_attachments_of_unwrapped_mail_are_its_own() -> None:
    assert read(ORIGINAL).attachments == ("atto.pdf",)


def test_the_date_is_the_best_there_is(provider: Provider) -> None:
    good = provider.sign(content("accettazione"), b"X-Ricevuta: accettazione\r\n")
    assert read(good, provider.trust).date.isoformat() == "2026-11-20T09:00:00+01:00"
    broken = read(good.replace(b"Testo", b"Resto"), provider.trust)
    assert (broken.date.isoformat(), broken.date_source) == ("2026-11-21T10:00:00+01:00", "header")
    received = datetime(2026, 11, 19, tzinfo=UTC)
    undated = read(b"From: x@y.it\r\nDate: boh\r\n\r\n", received=received)
    assert (undated.date, undated.date_source) == (received, "received")
    assert "DATE_NOT_STATED" in codes(undated)
    assert read(b"").date == NOW


def test_rem_messages_are_rem_and_name_their_evidences(provider: Provider) -> None:
    evidence = b'<Evidence xmlns="http://uri.etsi.org/19522/v1#"/>'
    body = (
        b"Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\nContent-Type: application/xml; "
        b"name=SubmissionAcceptance.xml\r\n\r\n" + evidence + b"\r\n--in--\r\n"
    )
    found = read(provider.sign(body), provider.trust)
    assert found.kind is Kind.REM
    assert [item.text() for item in found.findings] == ["Messaggio REM con le evidenze: SubmissionAcceptance.xml"]
    headed = read(b"From: autore@rem.example\r\n" + provider.sign(body), provider.trust)
    assert "PEC_SENDER_DIFFERS" not in codes(headed)  # in REM the author stays in From


def test_identifiers_and_text_leave_clean() -> None:
    raw = b"Message-ID:\r\n <a\0b@c>\r\nX-Riferimento-Message-ID: <r@c>\r\nSubject: =?utf-8?Q?=00a?=\xe9\r\n\r\n"
    found = read(raw)
    assert (found.message_id, found.reference, found.subject) == ("ab@c", "r@c", "aé")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "MAIL_WITHOUT_HEADERS"),
        (b"no colon here\nSubject: x\n\n", "MAIL_HEADER_BROKEN"),
        (b"From: a@b.it\nFrom: c@d.it\n\n", "MAIL_HEADER_REPEATED"),
        (b"Content-Type: multipart/mixed; boundary=x\n\n--y\n", "MAIL_BOUNDARY_ABSENT"),
    ],
)
def test_ugly_mail_is_a_finding(raw: bytes, code: str) -> None:
    assert code in codes(read(raw))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("go-pec/accettazione.eml", Kind.ACCETTAZIONE),
        ("go-pec/consegna.eml", Kind.ERRORE_CONSEGNA),
        ("go-pec/email_2.eml", Kind.AVVENUTA_CONSEGNA),
        ("java-pec-parser/consegna.eml", Kind.ERRORE_CONSEGNA),
    ],
)
def test_anonymised_messages_keep_their_kind_and_fail(corpus: Path, name: str, kind: Kind) -> None:
    found = read((corpus / "pec" / name).read_bytes())
    assert found.kind is kind
    assert found.signature is not None
    assert found.signature.outcomes.startswith("FAILED")
    assert found.daticert is not None
    assert "KIND_UNSIGNED" in codes(found)


def test_a_sanitised_envelope_without_daticert_is_still_read(corpus: Path, agid: Providers) -> None:
    found = read(next((corpus / "pec/oca").glob("*25881e3f*")).read_bytes(), agid)
    assert (found.kind, found.daticert) == (Kind.POSTA_CERTIFICATA, None)
    assert found.attachments == ("IT14627831002_02621_MC_001.xml",)


def test_a_genuine_delivery_says_all_it_has_to_say(corpus: Path, agid: Providers) -> None:
    raw = next((corpus / "pec/oca").glob("*6c919939*")).read_bytes()
    found = read(raw, agid)
    assert found.kind is Kind.AVVENUTA_CONSEGNA
    assert found.daticert is not None
    assert (found.daticert.ricevuta, found.daticert.consegna) == ("completa", "l.battistini@pec.it")
    assert found.reference == found.daticert.msgid.strip("<>")
    assert found.date.isoformat() == "2018-11-13T16:39:27+01:00"
    assert found.attachments == ("IT03339130126_00009.xml",)
    inner = original.octets(raw)
    assert inner is not None
    assert inner.startswith(b"Received: from [127.0.1.1]")
    assert inner.endswith(b"--===============3780602758959172333==--\n")


def test_nothing_in_the_corpus_of_ugly_mail_raises(corpus: Path, agid: Providers) -> None:
    paths = [path for path in (corpus / "mail").rglob("*") if path.is_file()]
    assert len(paths) > 600
    for path in paths:
        found = read(path.read_bytes(), agid)
        texts = (found.subject, found.message_id, found.sender.name, found.sender.address, *found.attachments)
        assert all("\0" not in text and text.encode() is not None for text in texts), path.name
        assert all(item.text() and item.text("en") for item in found.findings)
        assert found.kind is Kind.ORDINARIO


PIECES = st.sampled_from(
    [
        b"Content-Type: multipart/signed; boundary=b; protocol=application/pkcs7-signature\r\n",
        b"X-Ricevuta: accettazione\r\n",
        b"X-Trasporto: errore\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: application/x-pkcs7-signature\r\n",
        b"Content-Type: application/xml; name=daticert.xml\r\n",
        b"Content-Type: message/rfc822; name=postacert.eml\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"\r\n--b\r\n",
        b"\r\n--b--\r\n",
        b"\r\n",
        b"\n",
        b"<postacert>",
    ]
)


@given(st.lists(PIECES | st.binary(max_size=30), max_size=30).map(b"".join))
def test_no_bytes_raise(raw: bytes) -> None:
    found = read(raw)
    original.octets(raw)
    assert found.date.tzinfo is not None


def test_deep_nesting_and_very_many_parts_end() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000))
    many = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 200_000
    assert read(deep).kind is Kind.ORDINARIO
    assert read(many).kind is Kind.ORDINARIO
