"""Signed attachments inform and never block: each signature gets the finding that its name here says."""

import base64
import tracemalloc
from collections.abc import Callable
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from support.certificates import Authority, Pair, rsa2048
from support.pec_provider import pec_provider
from support.signed_files import letter, p7m, p7s, pdf, reading, split, wrapped
from support.tools import shared

from archiver.digest import sha256
from archiver.pec import pades
from archiver.submission import attachments
from archiver.submission.attachments import Inspected, Inspector
from archiver.verdict import Finding

CA, STRANGER = Authority(), Authority("CA di nessuno")
ROSSI, BIANCHI = CA.person(), CA.person("Bianchi Anna", "BNCNNA80A41H501X", key=rsa2048())
UNKNOWN = STRANGER.person("Verdi Mario", "VRDMRA80A41H501X")
ANCHOR = CA.certificate.public_bytes(Encoding.DER)
TRUSTING = Inspector([ANCHOR])
TEXT = b"testo del contratto\r\n" * 50


def look(*files: tuple[str, bytes], inspector: Inspector = TRUSTING) -> Inspected:
    raw = letter(*files)
    return inspector.inspect(raw, reading(raw), subject="m")


def told(found: Inspected) -> list[tuple[str, str]]:
    """Code and attachment of each finding."""
    return [(item.code, dict(item.values).get("number", "")) for item in found.findings]


def value(item: Finding, name: str) -> str:
    return dict(item.values)[name]


def bent(octets: bytes, at: bytes = b"contratto") -> bytes:
    """One octet of what was signed is another."""
    assert at in octets
    return octets.replace(at, at[:-1] + b"X")


GOOD = {
    "around": [("contratto.txt.p7m", p7m(TEXT, ROSSI))],
    "around, by RSA": [("contratto.txt.p7m", p7m(TEXT, BIANCHI))],
    "around, in base64": [("contratto.txt.p7m", base64.encodebytes(p7m(TEXT, ROSSI)))],
    "around, in PEM": [
        ("c.p7m", b"-----BEGIN PKCS7-----\n" + base64.encodebytes(p7m(TEXT, ROSSI)) + b"-----END PKCS7-----\n")
    ],
    "around, its name shouted": [("CONTRATTO.P7M", p7m(TEXT, ROSSI))],
    "beside": [("contratto.txt.p7s", p7s(TEXT, ROSSI)), ("contratto.txt", TEXT)],
    "beside, after its file": [("Contratto.txt", TEXT), ("contratto.txt.p7s", p7s(TEXT, ROSSI))],
    "within": [("contratto.pdf", pdf(ROSSI))],
}


@pytest.mark.parametrize("files", GOOD.values(), ids=GOOD)
def test_an_intact_signature_is_told_with_its_signer_and_where_its_certificate_leads(
    files: list[tuple[str, bytes]],
) -> None:
    found = look(*files)
    (item,) = found.findings
    assert item.code == "ATTACHMENT_SIGNED"
    assert value(item, "signer") in ("Rossi Maria", "Bianchi Anna")
    assert (value(item, "issuer"), value(item, "chain")) == ("CA di prova", "PASSED")
    octets = dict(files)[files[int(value(item, "number")) - 1][0]]
    assert value(item, "sha256") == sha256(octets)
    kinds = [met.kind for met in found.met]
    assert (kinds, found.met[1].octets) == (["signer", "ca"], ANCHOR)


BROKEN = {
    "around, altered": [("c.p7m", bent(p7m(TEXT, ROSSI)))],
    "beside, altered": [("c.txt", bent(TEXT)), ("c.txt.p7s", p7s(TEXT, ROSSI))],
    "beside, its file not there": [("c.txt.p7s", p7s(TEXT, ROSSI))],
    "within, altered": [("c.pdf", bent(pdf(ROSSI)))],
    "the signature itself": [("c.p7m", p7m(TEXT, ROSSI)[:-4] + b"\1\2\3\4")],
    "no CMS": [("c.p7m", b"0\x80 nothing of the kind")],
    "empty": [("c.p7m", b"")],
    "cut off": [("c.p7m", p7m(TEXT, ROSSI)[:900])],
    "nested without end": [("c.p7m", b"\x30\x80" * 5000)],
    "another's room in a PDF": [("c.pdf", pdf(ROSSI).replace(b"<3", b"<7", 1))],
    "no hexadecimal in a PDF": [("c.pdf", pdf(ROSSI).replace(b"<30", b"<zz", 1))],
}


@pytest.mark.parametrize("files", BROKEN.values(), ids=BROKEN)
def test_a_broken_signature_is_a_warning_and_nothing_is_kept_of_it(files: list[tuple[str, bytes]]) -> None:
    found = look(*files)
    assert [item.code for item in found.findings] == ["ATTACHMENT_SIGNATURE_BROKEN"]
    assert found.met == ()


def test_several_signers_are_told_each_and_one_who_is_broken_spoils_not_the_others() -> None:
    both = look(("c.p7m", p7m(TEXT, ROSSI, BIANCHI)))
    assert [value(item, "signer") for item in both.findings] == ["Rossi Maria", "Bianchi Anna"]
    assert [met.kind for met in both.met] == ["signer", "ca", "signer"]


def test_envelopes_in_envelopes_are_opened_three_deep_and_no_deeper() -> None:
    octets = TEXT
    for depth in range(1, 6):
        octets = p7m(octets, ROSSI)
        codes = [code for code, _ in told(look(("c.txt" + depth * ".p7m", octets)))]
        signed = codes.count("ATTACHMENT_SIGNED")
        assert (signed, codes[signed:]) == (min(depth, 3), ["ATTACHMENT_NESTED"] if depth > 3 else []), depth


def test_a_signed_pdf_in_an_envelope_is_two_signatures() -> None:
    found = look(("c.pdf.p7m", p7m(pdf(BIANCHI), ROSSI)))
    assert [(value(item, "form"), value(item, "signer")) for item in found.findings] == [
        ("CAdES", "Rossi Maria"),
        ("PAdES", "Bianchi Anna"),
    ]


def test_what_was_added_to_a_pdf_after_its_last_signature_is_said_and_a_second_signature_covers_it() -> None:
    signed = pdf(ROSSI)
    added = look(("c.pdf", signed + b"2 0 obj (altro) endobj\n"))
    assert [item.code for item in added.findings] == ["ATTACHMENT_SIGNED", "ATTACHMENT_EXTENDED"]
    twice = look(("c.pdf", pdf(BIANCHI, before=signed)))
    assert [(item.code, value(item, "signer")) for item in twice.findings] == [
        ("ATTACHMENT_SIGNED", "Rossi Maria"),
        ("ATTACHMENT_SIGNED", "Bianchi Anna"),
    ]


FORGED = {
    "ranges that do not begin at the first octet": lambda octets: octets.replace(b"[0 ", b"[1 ", 1),
    "a gap that is no string": lambda octets: octets.replace(b"/Contents <", b"/Contents (", 1),
    "ranges beyond the end": lambda octets: octets[:-5],
    "a stream that only speaks of it": lambda octets: b"%PDF-1.7\n /ByteRange [0 9999999999 9999999999 1]",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_what_does_not_keep_the_shape_of_a_signature_in_a_pdf_is_none(forge: Callable[[bytes], bytes]) -> None:
    assert list(pades.signatures(forge(pdf(ROSSI)))) == []
    assert look(("c.pdf", forge(pdf(ROSSI)))).findings == ()


def test_a_signer_of_an_unknown_ca_is_intact_and_doubted_and_only_the_signer_is_kept() -> None:
    found = look(("c.p7m", p7m(TEXT, UNKNOWN)))
    assert [item.code for item in found.findings] == ["ATTACHMENT_SIGNED", "ATTACHMENT_SIGNER_DOUBTED"]
    assert value(found.findings[1], "reason") == "CHAIN_NOT_FOUND"
    assert [met.kind for met in found.met] == ["signer"]


def test_without_anchors_nothing_is_said_of_the_chain() -> None:
    (item,) = look(("c.p7m", p7m(TEXT, UNKNOWN)), inspector=Inspector()).findings
    assert value(item, "chain").startswith("non giudicata")


def test_a_ca_that_nobody_trusts_and_that_signs_itself_is_not_kept_where_it_could_pass_for_an_anchor() -> None:
    """Trust material that is kept may serve as anchors to a judge who has none of his own."""
    forged = Pair(STRANGER.certificate, STRANGER.key, STRANGER.certificate)
    for inspector in (TRUSTING, Inspector()):
        found = look(("c.p7m", p7m(TEXT, forged)), inspector=inspector)
        assert found.findings[0].code == "ATTACHMENT_SIGNED"
        assert found.met == ()


def test_the_attachments_of_the_original_are_meant_whoever_wrapped_it() -> None:
    provider = pec_provider(ec.generate_private_key(ec.SECP256R1()))
    original = letter(("c.p7m", p7m(TEXT, ROSSI)))
    raw = provider.sign(wrapped(original), b"X-Trasporto: posta-certificata\r\n")
    found = TRUSTING.inspect(raw, reading(raw, provider.trust), subject="m")
    assert told(found) == [("ATTACHMENT_SIGNED", "1")]


def test_an_encrypted_attachment_and_mail_without_signatures_say_nothing() -> None:
    enveloped = bytes.fromhex("301306092a864886f70d010703a006300402010030 00".replace(" ", ""))
    assert look(("c.p7m", enveloped)).findings == ()
    assert look(("c.pdf", b"%PDF-1.4\nnothing signed")).findings == ()
    assert look(("c.txt", TEXT)) is attachments.NOTHING


def test_so_many_attachments_are_looked_at_and_the_others_are_counted() -> None:
    octets = p7m(TEXT, ROSSI)
    found = look(*((f"{number}.p7m", octets) for number in range(attachments.ATTACHMENTS + 2)))
    codes = [item.code for item in found.findings]
    assert codes == ["ATTACHMENT_SIGNED"] * attachments.ATTACHMENTS + ["ATTACHMENTS_MANY"]
    assert (value(found.findings[-1], "found"), value(found.findings[-1], "limit")) == ("22", "20")


def test_so_many_signatures_are_judged_and_the_others_are_counted() -> None:
    signed = p7m(TEXT, *[ROSSI] * 15)
    found = look(*((f"{number}.p7m", signed) for number in range(3)))
    assert [item.code for item in found.findings].count("ATTACHMENT_SIGNED") == attachments.SIGNATURES
    assert (value(found.findings[-1], "found"), value(found.findings[-1], "limit")) == ("45", "40")


def test_a_large_attachment_is_passed_over_and_said_and_its_signature_beside_it_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attachments, "LARGEST", 2000)
    monkeypatch.setattr(attachments, "_ENCODED", 3000)
    large = b"x" * 2001
    for size in (2001, 4000):
        found = look(("c.p7m", b"0" * size), ("d.txt", large), ("d.txt.p7s", p7s(large, ROSSI)))
        assert told(found) == [("ATTACHMENT_SKIPPED", "1"), ("ATTACHMENT_SIGNATURE_BROKEN", "3")]


def test_a_file_in_countless_pieces_is_passed_over_and_said_and_costs_little() -> None:
    pieces = split(b"x" * 300_000, 1)
    tracemalloc.start()
    found = look(("c.p7m", pieces), ("d.p7m", p7m(TEXT, ROSSI)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told(found) == [("ATTACHMENT_SKIPPED", "1"), ("ATTACHMENT_SIGNED", "2")]
    assert "200000 elementi BER" in found.findings[0].text("it")
    assert peak < 50 << 20


def test_the_pieces_of_a_file_within_files_are_counted_together() -> None:
    octets = split(b"x" * 70_000, 1)
    assert [item.code for item in look(("c.p7m", octets)).findings] == []
    octets = split(octets, 5)
    assert told(look(("c.p7m.p7m", octets))) == [("ATTACHMENT_SKIPPED", "1")]


def test_a_file_in_pieces_as_software_writes_them_is_read_to_its_end() -> None:
    octets = split(p7m(TEXT, ROSSI), 1000)
    assert [item.code for item in look(("c.p7m.p7m", octets)).findings] == ["ATTACHMENT_SIGNED"]


def test_names_that_claim_much_are_cut_and_cleaned() -> None:
    long = CA.person("Rossi\x00\x1b[31m" + "a" * 40)
    (item,) = look(("c.p7m", p7m(TEXT, long))).findings
    assert value(item, "signer").isprintable()


REAL = {
    "TXT_DATA.txt.p7m": "ATTACHMENT_SIGNED",
    "TXT_DATA_NOK.txt.p7m": "ATTACHMENT_SIGNATURE_BROKEN",
    "TXT_DATA.txt.p7s": "ATTACHMENT_SIGNED",
    "PADES_VISIBLE.pdf": "ATTACHMENT_SIGNED",
    # byte for byte the same file as the good one, whatever its name says
    "PADES_VISIBLE_SIG_NOK.pdf": "ATTACHMENT_SIGNED",
}


@pytest.mark.parametrize(("name", "code"), REAL.items())
def test_genuine_signed_files_get_the_finding_of_their_name(name: str, code: str) -> None:
    folder = shared("corpus/er/tresor-c2")
    files = (name, (folder / name).read_bytes()), ("TXT_DATA.txt", (folder / "TXT_DATA.txt").read_bytes())
    found = look(*files, inspector=Inspector())
    assert told(found) == [(code, "1")]


def test_a_genuine_pdf_has_the_ranges_that_a_foreign_reader_finds_and_altered_it_is_broken() -> None:
    octets = (shared("corpus/er/tresor-c2") / "PADES_VISIBLE.pdf").read_bytes()
    (found,) = pades.signatures(octets)
    (embedded,) = PdfFileReader(BytesIO(octets)).embedded_signatures
    first, second = found.ranges
    assert list(embedded.byte_range) == [0, first[1], second[0], second[1] - second[0]]
    altered = octets[:1000] + bytes([octets[1000] ^ 1]) + octets[1001:]
    assert [item.code for item in look(("c.pdf", altered)).findings] == ["ATTACHMENT_SIGNATURE_BROKEN"]
