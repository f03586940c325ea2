"""A signer that is a program: it gets a digest, asks a remote or automatic service, and gives a signature back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from archiver.adapters.signer.answer import signature_in, signed_in
from archiver.adapters.signer.attached import attached
from archiver.adapters.signer.cades import Key, cades, stamped
from archiver.adapters.signer.certificate import certificates, may_seal
from archiver.adapters.signer.child import program, run
from archiver.adapters.signer.mechanism import mechanism_of
from archiver.digest import sha256
from archiver.errors import ConfigError
from archiver.evidence.cms import open_signed
from archiver.ports import Stamp

GIVEN = ("PATH", "HOME", "LANG")
"""What the program sees of the environment, besides its secret."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program and its arguments, run as they are, by no shell.

    It gets the 32 octets of a SHA-256 on stdin. `answers` "signature": the digest of the DER of the signed attributes;
    back comes a signature by the certificate's key, raw (ECDSA: DER, or r and s in a row) or as base64 or hexadecimal
    text. "cms": the digest of the document; back comes a detached CAdES (DER, PEM, base64). `timeout` in seconds.
    `secret` is asked before each signature (an OTP lives a minute); the program finds it in the variable `secret_name`.
    `certificate` is needed in both cases: it is looked at before anything is signed. `mechanism`: see `mechanism_of`.
    """

    argv: tuple[str, ...]
    answers: str
    certificate: Path | None
    chain: tuple[Path, ...] = ()
    timeout: float = 60
    secret: Callable[[], str] | None = field(default=None, repr=False)
    secret_name: str = ""
    mechanism: str = ""


class CommandSigner:
    """A `ports.Signer`; `environ` is the environment of which the program gets PATH, HOME and LANG.

    Raises ConfigError, all complaints at once, when the command cannot be run like that.
    """

    def __init__(self, command: Command, *, environ: Mapping[str, str]) -> None:
        complaints = "\n".join(_complaints(command))
        if complaints or command.certificate is None:
            raise ConfigError(complaints)
        self._command, source = command, str(command.certificate)
        self._certificate, *others = certificates(command.certificate)
        self._chain = (*others, *(octets for path in command.chain for octets in certificates(path)))
        may_seal(self._certificate, source=source)
        self._mechanism = mechanism_of(self._certificate, command.mechanism, source=source)
        self._environ = {name: environ[name] for name in GIVEN if name in environ}

    @property
    def certificate(self) -> bytes:
        """The signing certificate, DER."""
        return self._certificate

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates above it, DER, as far as known."""
        return self._chain

    def ready(self) -> None:
        """Whether the program is there and can be run; nothing is asked of it. Raises ConfigError."""
        program(self._command.argv[0], self._environ)

    def sign(self, data: bytes, *, at: datetime, stamp: Stamp | None) -> bytes:
        """CAdES-B-T over `data`, attached, DER; B-B without `stamp`. `at` is the claimed signing time (aware).

        In a CMS the signing time is the service's own; a timestamp that it brings along stands for ours.
        Raises Unavailable when the program fails or takes too long, Malformed when its answer is no such signature,
        ConfigError when it cannot be run, or signs with another certificate. What `stamp` raises comes out as it is.
        """
        key = self.key()
        if key is None:
            signed = attached(self._cms(data, at), data)
            return signed if open_signed(signed).tokens else stamped(signed, stamp)
        return stamped(cades(data, key, at=at), stamp)

    def key(self) -> Key | None:
        """The key as whoever makes another form of signature needs it; None when the service makes whole CMS."""
        if self._command.answers == "cms":
            return None
        return Key(self._raw, self._certificate, self._chain, self._mechanism)

    def _raw(self, data: bytes) -> bytes:
        return signature_in(self._ask(data), data, self._mechanism, certificate=self._certificate, source=self._name)

    def _cms(self, data: bytes, at: datetime) -> bytes:
        return signed_in(self._ask(data), data, certificate=self._certificate, source=self._name, at=at)

    def _ask(self, data: bytes) -> bytes:
        command, environ = self._command, dict(self._environ)
        secret = command.secret() if command.secret else ""
        if secret:
            environ[command.secret_name] = secret
        question = bytes.fromhex(sha256(data))
        return run(command.argv, question, environ=environ, timeout=command.timeout, secret=secret)

    @property
    def _name(self) -> str:
        return self._command.argv[0]


def _complaints(command: Command) -> list[str]:
    found = []
    if not command.argv or not command.argv[0] or any("\0" in word for word in command.argv):
        found.append("signer: expected a program and its arguments, found none that can be run")
    if command.answers not in ("signature", "cms"):
        found.append(f"signer: answers: expected signature or cms, found {command.answers!r}")
    if command.certificate is None:
        found.append("signer: certificate is missing: the file of the certificate that the service signs with")
    if command.timeout <= 0:
        found.append(f"signer: timeout: expected seconds, found {command.timeout}")
    if command.secret and (not command.secret_name.isidentifier() or command.secret_name in GIVEN):
        found.append(f"signer: secret_name: expected the name of a variable of its own, found {command.secret_name!r}")
    return found
