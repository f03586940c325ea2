"""The four answers on a provider's signature: each is wrong alone, and none spoils another."""

import base64
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric import rsa
from support.pec_provider import NOW, Provider

from archiver.errors import Malformed
from archiver.pec import message
from archiver.pec.message import Message
from archiver.pec.providers import Providers
from archiver.pec.signature import read_outcomes, worst
from archiver.verdict import Indication, finding

CONTENT = b'Content-Type: multipart/mixed; boundary="in"\r\n\r\n--in\r\n\r\nTesto   \r\n--in--\r\n'
HEADERS = b"X-Trasporto: errore\r\n"  # an anomaly: signed, without daticert.xml
GENUINE = ("pec_messages__*", "*52f670d4*", "*6c919939*", "*b7ff4b0d*")


def read(raw: bytes, providers: Providers, at: object = NOW) -> Message:
    return message.read(raw, own=frozenset(), providers=providers, proof=NOW if at is NOW else at)  # type: ignore[arg-type]


def outcomes(found: Message) -> str:
    assert found.signature is not None
    return found.signature.outcomes


def codes(found: Message) -> set[str]:
    return {item.code for item in found.findings}


@pytest.mark.parametrize("pattern", GENUINE)
def test_genuine_messages_are_intact_and_of_their_provider_though_old(
    corpus: Path, agid: Providers, pattern: str
) -> None:
    paths = list((corpus / "pec/oca").glob(pattern))
    assert paths
    for path in paths:
        raw = path.read_bytes()
        found = read(raw, agid)
        assert outcomes(found) == "PASSED PASSED INDETERMINATE INDETERMINATE", path.name
        assert {"PEC_SIGNER_EXPIRED_INTACT", "PEC_ALGORITHM_WEAK"} <= codes(found)
        assert ("CRLF_REPAIRED" in codes(found)) == (b"\r\n" not in raw)
        assert found.signature is not None
        assert found.signature.time.sub_indication == "NO_POE"
        assert found.signature.signer.startswith("Posta Certificata")


def test_a_proof_from_the_time_of_the_certificate_settles_the_time(corpus: Path, agid: Providers) -> None:
    raw = next((corpus / "pec/oca").glob("*52f670d4*")).read_bytes()
    found = read(raw, agid)
    assert outcomes(read(raw, agid, found.date + timedelta(days=1))).split()[2] == "PASSED"
    assert "PEC_SIGNER_NOT_YET_VALID" in codes(read(raw, agid, found.date - timedelta(days=3650)))


def test_blanks_stripped_by_an_editor_break_integrity_and_nothing_else(corpus: Path, agid: Providers) -> None:
    found = read(next((corpus / "pec/oca").glob("*06216bf3*")).read_bytes(), agid)
    assert outcomes(found).startswith("FAILED PASSED")
    assert {"PEC_CONTENT_ALTERED", "PEC_SIGNER_EXPIRED"} <= codes(found)
    assert found.signature is not None
    assert found.signature.integrity.sub_indication == "HASH_FAILURE"
    assert found.date_source == "header"


def test_a_signature_of_today_passes_all_four(
    rsa_provider: Provider, provider: Provider, ed_provider: Provider
) -> None:
    for maker, ways in (
        (rsa_provider, [{}, {"pss": True}, {"algorithm": "sha512"}, {"ber": True}, {"by_key_id": True}]),
        (provider, [{}, {"algorithm": "sha384"}]),
        (ed_provider, [{"algorithm": "sha512"}]),
    ):
        for way in ways:
            found = read(maker.sign(CONTENT, HEADERS, **way), maker.trust)  # type: ignore[arg-type]
            assert outcomes(found) == "PASSED PASSED PASSED PASSED", (way, codes(found))
            assert found.signature is not None
            assert (found.signature.claimed_time, found.signature.certificate) == (NOW, maker.signer)
            assert codes(found) == set()


def test_a_message_stored_with_lf_passes_and_says_what_was_needed(provider: Provider) -> None:
    raw = provider.sign(CONTENT, HEADERS).replace(b"\r\n", b"\n")
    assert codes(read(raw, provider.trust)) == {"CRLF_REPAIRED"}
    assert "PEC_CONTENT_ALTERED" in codes(read(raw.replace(b"Testo   ", b"Testo"), provider.trust))


def test_line_ends_are_repaired_across_any_number_of_chunks(provider: Provider) -> None:
    body = b"Content-Type: text/plain\r\n\r\n" + b"riga\r\n" * 400_000 + b"\r" * 1_100_000 + b"fine"
    raw = provider.sign(body, HEADERS)
    assert outcomes(read(raw, provider.trust)) == "PASSED PASSED PASSED PASSED"
    assert codes(read(raw.replace(b"\r\n", b"\n"), provider.trust)) == {"CRLF_REPAIRED"}


def test_another_provider_with_the_same_name_is_not_believed(provider: Provider, rsa_provider: Provider) -> None:
    found = read(provider.sign(CONTENT, HEADERS), rsa_provider.trust)
    assert outcomes(found) == "PASSED INDETERMINATE PASSED PASSED"


def test_a_signature_made_with_another_key_fails(provider: Provider, rsa_provider: Provider) -> None:
    forged = Provider(provider.ca, provider.signer, rsa_provider.key)
    found = read(forged.sign(CONTENT, HEADERS), provider.trust)
    assert outcomes(found).split()[0] != "PASSED"
    other = Provider(rsa_provider.ca, rsa_provider.signer, _other_rsa())
    assert "PEC_SIGNATURE_FALSE" in codes(read(other.sign(CONTENT, HEADERS), rsa_provider.trust))


def _other_rsa() -> object:
    return rsa.generate_private_key(65537, 2048)


def test_it_is_told_what_a_signature_rests_on(
    rsa_provider: Provider, provider: Provider, ed_provider: Provider
) -> None:
    digests = (("sha256", 0),)
    cases = [
        (rsa_provider, {}, (*digests, ("rsassa_pkcs1v15", 2048))),
        (rsa_provider, {"pss": True}, (*digests, ("rsassa_pss", 2048))),
        (rsa_provider, {"algorithm": "sha1"}, (("sha1", 0), ("rsassa_pkcs1v15", 2048))),
        (provider, {}, (*digests, ("ecdsa", 256), ("secp256r1", 0))),
        (ed_provider, {"algorithm": "sha512"}, (("sha512", 0), ("ed25519", 256))),
    ]
    for signer, options, expected in cases:
        signature = read(signer.sign(CONTENT, HEADERS, **options), signer.trust).signature  # type: ignore[arg-type]
        assert signature is not None
        assert signature.algorithms == expected


def test_sha1_is_a_doubt_about_the_algorithm_alone(rsa_provider: Provider) -> None:
    found = read(rsa_provider.sign(CONTENT, HEADERS, algorithm="sha1"), rsa_provider.trust)
    assert outcomes(found) == "PASSED PASSED PASSED INDETERMINATE"
    assert found.signature is not None
    assert found.signature.algorithm.sub_indication == "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    assert found.signature.content is Indication.INDETERMINATE


def test_a_from_that_the_certificate_does_not_name_is_a_warning(provider: Provider) -> None:
    found = read(provider.sign(CONTENT, HEADERS, sender="posta-certificata@altrove.example"), provider.trust)
    assert outcomes(found) == "PASSED PASSED PASSED PASSED"
    assert codes(found) == {"PEC_SENDER_DIFFERS"}


def test_a_signer_that_is_only_in_our_folder_is_found_there(provider: Provider) -> None:
    raw = provider.sign(CONTENT, HEADERS)
    der = cms.ContentInfo.load(_p7s(raw))
    del der["content"]["certificates"]
    bare = _with_p7s(raw, der.dump(force=True))
    assert outcomes(read(bare, provider.trust)) == "INDETERMINATE INDETERMINATE INDETERMINATE INDETERMINATE"
    assert outcomes(read(bare, Providers.load([provider.ca, provider.signer]))) == "PASSED PASSED PASSED PASSED"


def _p7s(raw: bytes) -> bytes:
    return base64.b64decode(raw.split(b"base64\r\n\r\n")[-1].split(b"--outer")[0])


def _with_p7s(raw: bytes, der: bytes) -> bytes:
    return raw.replace(raw.split(b"base64\r\n\r\n")[-1].split(b"--outer")[0], base64.encodebytes(der) + b"\r\n")


def test_no_flipped_octet_of_a_signature_raises_or_passes_another_content(provider: Provider) -> None:
    raw = provider.sign(CONTENT, HEADERS)
    other = raw.replace(b"Testo", b"Resto")
    der = _p7s(raw)
    for place in range(len(der)):
        flipped = bytearray(der)
        flipped[place] ^= 1 << place % 8
        assert read(_with_p7s(raw, bytes(flipped)), Providers()).signature is not None
        assert not outcomes(read(_with_p7s(other, bytes(flipped)), Providers())).startswith("PASSED")


def test_outcomes_are_read_as_they_are_written(provider: Provider) -> None:
    found = read(provider.sign(CONTENT, HEADERS, algorithm="sha1"), Providers())
    assert found.signature is not None
    assert read_outcomes(found.signature.outcomes) == tuple(item.indication for item in found.signature.answers)
    assert worst(read_outcomes("PASSED FAILED INDETERMINATE PASSED")) is Indication.FAILED
    for text in ("", "PASSED", "PASSED PASSED PASSED passed", "PASSED " * 5):
        with pytest.raises(Malformed):
            read_outcomes(text)


def test_a_chain_is_judged_once_per_signer(corpus: Path, agid: Providers) -> None:
    fresh = Providers(agid.anchors, agid.known)
    for path in (corpus / "pec/oca").glob("pec_messages__*"):
        read(path.read_bytes(), fresh)
    assert fresh._judge.cache_info().misses == 1


def test_authorities_become_anchors_and_signers_do_not(agid: Providers, provider: Provider) -> None:
    assert (len(agid.anchors), len(agid.known)) == (4, 6)
    assert Providers.load([provider.signer]).anchors == ()
    for rubbish in (b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        with pytest.raises(Malformed, match="provider certificate 2"):
            Providers.load([provider.ca, rubbish])


def test_the_text_on_an_expired_certificate_says_since_when_existence_is_proven() -> None:
    text = finding("PEC_SIGNER_EXPIRED_INTACT", "m", end="2020-12-03", proof="2026-11-21").text()
    assert text.startswith("Firma del gestore integra; certificato scaduto il 2020-12-03, prima dell'ingresso")
    assert "l'archivio prova l'esistenza dal 2026-11-21, non da prima" in text
