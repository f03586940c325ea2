"""A program that fails, delays, lies or answers rubbish: nothing of it is used, and the message says what to do."""

import hashlib
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding
from support import remote_client
from support.certificates import Authority, Pair, rsa2048
from support.remote_signature import PSS, Cades, RemoteService, raw

from archiver.adapters.signer import Command, CommandSigner, child
from archiver.errors import ArchiverError, ConfigError, Malformed, Unavailable

NOW = datetime.now(UTC).replace(microsecond=0)
CONTENT = b"<PIndex>un indice</PIndex>\r\n"
OTP = "314159"
ENVIRON = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


@pytest.fixture(scope="module")
def pairs(ca: Authority) -> dict[str, Pair]:
    return {"EC": ca.person(), "RSA": ca.person(key=rsa2048()), "other": ca.person("Altra Persona", "BNCLRA80A41H501X")}


@pytest.fixture
def service() -> Iterator[RemoteService]:
    with RemoteService(OTP, lambda digest: b"") as server:
        yield server


@pytest.fixture
def command(service: RemoteService, pairs: dict[str, Pair], tmp_path: Path) -> Callable[..., Command]:
    def made(answers: str, key: str = "EC", **more: object) -> Command:
        certificate, _, _ = pairs[key].pem(tmp_path)
        argv = (sys.executable, remote_client.__file__, service.url)
        asked = Command(argv, answers, certificate, secret=lambda: OTP, secret_name="FIRMA_OTP")
        return replace(asked, **more)

    return made


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], tuple[str, ...]]:
    def made(text: str) -> tuple[str, ...]:
        path = tmp_path / "firma.sh"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return (str(path),)

    return made


def sign(command: Command) -> bytes:
    def stamp(algorithm: str, imprint: bytes) -> bytes:
        raise AssertionError("a token was asked for a signature that is none")

    return CommandSigner(command, environ=ENVIRON).sign(CONTENT, at=NOW, stamp=stamp)


def refusal(kind: type[ArchiverError], reason: str, command: Command) -> str:
    """The error's text, which never holds the secret."""
    with pytest.raises(kind, match=reason) as found:
        sign(command)
    assert OTP not in str(found.value)
    return str(found.value)


RAW_LIES = {
    "another key": (
        "EC",
        lambda pairs, digest: raw(pairs["other"], digest),
        r"does not fit the certificate of Rossi Maria \(serial .*: it is made with another key, or over something else",
    ),
    "another key, RSA": ("RSA", lambda pairs, _: raw(Pair(None, rsa2048(), None), bytes(32)), "made with another key"),
    "over something else": (
        "EC",
        lambda pairs, _: raw(pairs["EC"], bytes(32)),
        "or over something else than the digest",
    ),
    "digest of the digest": (
        "EC",
        lambda pairs, digest: raw(pairs["EC"], sha256(digest).digest()),
        "it is over a digest of the digest; the digest on stdin is to be signed as it is",
    ),
    "digest of the digest, RSA": (
        "RSA",
        lambda pairs, digest: raw(pairs["RSA"], sha256(digest).digest()),
        "it is over a digest of the digest",
    ),
    "PKCS#1": (
        "RSA",
        lambda pairs, digest: raw(pairs["RSA"], digest, salt=padding.PKCS1v15()),
        "made with PKCS#1 v1.5; have RSASSA-PSS used, or configure mechanism rsa-pkcs1",
    ),
    "another salt": (
        "RSA",
        lambda pairs, digest: raw(pairs["RSA"], digest, salt=padding.PSS(padding.MGF1(hashes.SHA256()), 20)),
        "RSASSA-PSS and another salt; have one of 32 octets used",
    ),
    "shorter RSA": (
        "RSA",
        lambda pairs, digest: raw(pairs["RSA"], digest)[:-1],
        "expected a signature .256 octets of RSA",
    ),
    "EC for RSA": ("RSA", lambda pairs, digest: raw(pairs["EC"], digest), r"expected a signature \(256 octets of RSA"),
    "RSA for EC": ("EC", lambda pairs, digest: raw(pairs["RSA"], digest), "ECDSA in DER or 64 octets; raw, base64 or"),
    "garbage": ("EC", lambda pairs, digest: b"<html>Pagina di errore</html>", "found 29 octets that are none"),
    "the digest": ("EC", lambda pairs, digest: digest, "found 32 octets that are none"),
    "sixty-four octets": ("EC", lambda pairs, digest: bytes(range(64)), "another key, or over something else"),
    "nothing": ("EC", lambda pairs, digest: b"", "expected a signature on stdout, found nothing"),
    "a line end": ("EC", lambda pairs, digest: b"\r\n", "expected a signature on stdout, found nothing"),
    "broken DER": ("EC", lambda pairs, digest: b"\x30\x20" + raw(pairs["EC"], digest)[2:], "that are none"),
}


@pytest.mark.parametrize("lie", RAW_LIES)
def test_a_raw_answer_that_is_no_signature_of_ours_is_refused_for_its_own_reason(service, command, pairs, lie):
    key, answer, reason = RAW_LIES[lie]
    service.answer = lambda digest: answer(pairs, digest)
    refusal(Malformed, reason, command("signature", key))
    assert len(service.asked) == 1, "asked once, never again by itself"


def test_pss_where_pkcs1_is_configured_is_said(service, command, pairs):
    service.answer = lambda digest: raw(pairs["RSA"], digest, salt=PSS)
    refusal(Malformed, "made with RSASSA-PSS; leave mechanism out", command("signature", "RSA", mechanism="rsa-pkcs1"))


def ours(**wrong: object) -> Callable[[dict[str, Pair], bytes], bytes]:
    return lambda pairs, digest: Cades(pairs["EC"], **wrong)(digest)


def octets(algorithm: str, digest: bytes) -> bytes:
    return hashlib.new(algorithm, digest).digest()


CMS_LIES = {
    "another digest": (
        ours(over=lambda _: bytes(32)),
        f"expected the digest sha256:.*, found .* over sha256:{bytes(32).hex()}",
    ),
    "digest of the digest": (ours(over=lambda digest: sha256(digest).digest()), "expected the digest sha256:"),
    "MD5": (ours(digest_algorithm="md5", over=lambda digest: octets("md5", digest)), "digest algorithm: .*, found md5"),
    "SHA-1": (
        ours(digest_algorithm="sha1", over=lambda digest: octets("sha1", digest)),
        "found the CMS to be over sha1:",
    ),
    "SHA-512": (ours(digest_algorithm="sha512"), "found the CMS to be over sha512:"),
    "signed with SHA-1": (ours(signed_with=hashes.SHA1()), "sha1"),
    "attached": (ours(content=lambda _: CONTENT), "expected a detached CMS, found one that holds some document"),
    "attached digest": (ours(content=lambda digest: digest), "found one that holds the digest itself; have the digest"),
    "no signed attributes": (ours(attributes=False), "the signer signed no attributes"),
    "no reference": (
        ours(reference=0),
        "without signing-certificate-v2 is no CAdES .EN 319 122-1, 6.3.; have CAdES-B-B",
    ),
    "old reference": (ours(reference=1), "without signing-certificate-v2"),
    "no certificate": (ours(certificates=False), "does not hold its signer's certificate"),
    "two signers": (ours(signers=2), "expected exactly one signer, found 2"),
    "another content type": (ours(kind="tst_info"), "tst_info"),
    "broken": (ours(spoilt=True), "(?i)signature"),
    "HTML": (
        lambda pairs, digest: b"<html>Pagina di errore</html>",
        "expected a CMS .DER, PEM or base64., found 29 other",
    ),
    "raw": (lambda pairs, digest: raw(pairs["EC"], digest), "expected a detached CAdES with one signer"),
    "cut": (lambda pairs, digest: Cades(pairs["EC"])(digest)[:-40], "expected a detached CAdES with one signer"),
    "certificate": (
        lambda pairs, digest: b"-----BEGIN CMS-----\nrubbish\n-----END CMS-----",
        "expected a CMS|expected a detached CAdES",
    ),
    "nothing": (lambda pairs, digest: b"", "expected a signature on stdout, found nothing"),
}


@pytest.mark.parametrize("lie", CMS_LIES)
def test_a_cms_that_is_no_cades_over_our_content_is_refused_for_its_own_reason(service, command, pairs, lie):
    answer, reason = CMS_LIES[lie]
    service.answer = lambda digest: answer(pairs, digest)
    text = refusal(Malformed, reason, command("cms"))
    assert text.startswith(sys.executable)


def test_another_certificate_is_refused_with_both_names(service, command, pairs):
    service.answer = Cades(pairs["other"])
    text = refusal(ConfigError, "expected a signature of Rossi Maria .*, found one of Altra Persona ", command("cms"))
    assert f"{pairs['EC'].certificate.serial_number:x}" in text
    assert f"{pairs['other'].certificate.serial_number:x}" in text


def test_a_new_certificate_of_the_same_person_is_another_one(service, command, pairs, ca):
    service.answer = Cades(ca.person(key=pairs["EC"].key))
    refusal(ConfigError, "or configure the new certificate", command("cms"))


def test_a_service_that_fails_is_unavailable_with_its_own_words(service, command):
    service.status = 500
    refusal(Unavailable, r"failed \(exit 1\): 500: servizio non disponibile", command("signature"))


def test_a_wrong_otp_is_unavailable_and_the_line_that_holds_it_is_not_shown(service, command):
    service.otp = "another"
    text = refusal(Unavailable, r"failed \(exit 1\): \(its last line holds the secret", command("signature"))
    assert "OTP errato" not in text
    assert service.asked == []


def test_a_service_that_delays_beyond_the_timeout_is_unavailable(service, command):
    service.delay = 3
    before = time.monotonic()
    refusal(
        Unavailable,
        r"no answer within 0\.5 seconds; it was ended, and its signature, if it made one, is not used: .* try again",
        command("cms", timeout=0.5),
    )
    assert time.monotonic() - before < 2.5


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("exit 7", Unavailable, r"firma\.sh: failed \(exit 7\)$"),
        ("echo prima >&2; echo ultima >&2; echo >&2; exit 2", Unavailable, r"failed \(exit 2\): ultima$"),
        ("printf 'a\\033[31m\\tb\\n' >&2; exit 1", Unavailable, r"failed \(exit 1\): a\?\[31m\?b$"),
        ("printf '\\377\\376' >&2; exit 1", Unavailable, r"failed \(exit 1\): "),
        ("kill -TERM $$", Unavailable, r"failed \(signal 15\)"),
        ("head -c 40000000 /dev/zero", Malformed, "expected a signature on stdout, found more than 16777216 octets"),
        ("exec cat /dev/zero", Malformed, "found more than 16777216 octets"),
        ("echo avviso >&2", Malformed, "expected a signature on stdout, found nothing: avviso"),
        ("exec >&- 2>&-; sleep 30", Unavailable, "no answer within 1 seconds"),
        ("cat /dev/zero >&2", Unavailable, "no answer within 1 seconds"),
        ("cat", Malformed, "found 32 octets that are none"),
    ],
)
def test_what_a_program_does_instead_is_told(command, script, text, kind, reason):
    refusal(kind, reason, command("signature", argv=script(text), timeout=1 if "1 seconds" in reason else 20))


def test_a_program_that_is_too_slow_is_ended_with_all_that_it_started(command, script, tmp_path):
    asked = command("signature", argv=script(f"sleep 60 &\necho $! $$ >{tmp_path}/pids\nwait"), timeout=0.5)
    refusal(Unavailable, "no answer within", asked)
    for pid in (tmp_path / "pids").read_text().split():
        gone(int(pid))


def gone(pid: int) -> None:
    """Whether nobody runs under this number, or only what nobody has waited for yet."""
    for _ in range(100):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return
        except FileNotFoundError:
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} is still there")


def not_executable(path: Path) -> None:
    path.chmod(0o644)


def no_interpreter(path: Path) -> None:
    path.write_text("#!/nessuno\n")


def no_program(path: Path) -> None:
    path.write_bytes(b"\x00\x01")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (Path.unlink, r"firma\.sh: there is no such program"),
        pytest.param(not_executable, r"firma\.sh: is not executable; chmod \+x it", id="not executable"),
        (no_interpreter, r"firma\.sh: cannot be run: No such file or directory; is its first line right"),
        (no_program, r"firma\.sh: cannot be run: Exec format error"),
    ],
)
def test_a_program_that_cannot_be_run_is_a_matter_of_configuration(command, script, tmp_path, spoil, reason):
    argv = script("exit 0")
    spoil(Path(argv[0]))
    refusal(ConfigError, reason, command("signature", argv=argv))


def test_being_ready_is_to_have_a_program_that_can_be_run(command, service):
    CommandSigner(command("signature"), environ=ENVIRON).ready()
    with pytest.raises(ConfigError, match=r"firma-qualificata: no such program in /usr/bin:/bin; give its whole path"):
        CommandSigner(command("cms", argv=("firma-qualificata",)), environ=ENVIRON).ready()
    assert service.asked == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"argv": ()}, "expected a program and its arguments, found none"),
        ({"argv": ("",)}, "expected a program and its arguments"),
        ({"argv": ("a\0b",)}, "expected a program and its arguments"),
        ({"answers": "pades"}, "answers: expected signature or cms, found 'pades'"),
        ({"certificate": None}, "certificate is missing: the file of the certificate"),
        ({"certificate": Path("/nessuno.pem")}, "/nessuno.pem: cannot be read"),
        ({"timeout": 0}, "timeout: expected seconds, found 0"),
        ({"secret_name": ""}, "secret_name: expected the name of a variable of its own, found ''"),
        ({"secret_name": "A=B"}, "secret_name: expected the name of a variable"),
        ({"secret_name": "PATH"}, "secret_name: expected the name of a variable of its own, found 'PATH'"),
        ({"mechanism": "rsa-pkcs1"}, "the certificate's key is EC; leave mechanism out"),
        ({"answers": "", "timeout": -1}, "(?s)answers: .*timeout: "),
    ],
)
def test_a_command_that_cannot_work_is_refused_before_anything_runs(command, wrong, reason):
    with pytest.raises(ConfigError, match=reason):
        CommandSigner(replace(command("signature"), **wrong), environ=ENVIRON)


def test_a_certificate_that_may_not_sign_or_whose_key_cannot_is_refused_at_once(command, ca, tmp_path):
    for number, (pair, reason) in enumerate(
        (
            (ca.person(key=ed25519.Ed25519PrivateKey.generate()), "expected a certificate with an EC or RSA key"),
            (Pair(ca.certificate, ca.key, ca.certificate), "found crl_sign, key_cert_sign; ask for one that may sign"),
        )
    ):
        certificate, _, _ = pair.pem(tmp_path, name=f"altra{number}")
        with pytest.raises(ConfigError, match=reason):
            CommandSigner(command("cms", certificate=certificate), environ=ENVIRON)


def test_a_secret_that_no_variable_can_hold_is_said(command):
    with pytest.raises(ConfigError, match="its secret holds a NUL"):
        sign(command("signature", secret=lambda: "a\0b"))


def test_an_empty_secret_hides_nothing(command, script):
    asked = command("signature", argv=script("echo manca l OTP >&2; exit 1"), secret=lambda: "")
    refusal(Unavailable, "manca l OTP", asked)


def test_the_values_show_no_secret():
    assert "314159" not in repr(Command(("x",), "cms", None, secret="314159".strip))


def test_what_is_quoted_has_a_measure(command, script):
    text = refusal(
        Unavailable, "failed", command("signature", argv=script("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1"))
    )
    assert len(text) < child.SHOWN + 200


def test_what_a_program_writes_beside_its_answer_is_not_kept(command, script):
    asked = command("signature", argv=script("(head -c 60000000 /dev/zero; echo; echo ultima) >&2; exit 1"))
    CommandSigner(asked, environ=ENVIRON)
    tracemalloc.start()
    try:
        refusal(Unavailable, "ultima", asked)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
