"""SoftHSM2: tokens in a folder of their own, their keys made inside them, a library that fails when it is told to."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pkcs11
from asn1crypto.keys import PublicKeyInfo, RSAPublicKey
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from pkcs11 import KeyType, ObjectClass
from pkcs11.util.ec import encode_ec_public_key
from pkcs11.util.rsa import encode_rsa_public_key
from support.tools import tool

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
)
MODULE = next((Path(path) for path in MODULES if Path(path).exists()), None)
PIN, SO_PIN = "271828", "31415926"
EC, EC384, RSA = "EC:prime256v1", "EC:secp384r1", "rsa:3072"
FAULTY = Path(__file__).with_name("faulty_token.c")


@dataclass(frozen=True)
class InToken:
    """The public half of a key that is in a token."""

    public: object

    def public_key(self) -> object:
        """As private keys say it."""
        return self.public


@dataclass(frozen=True)
class SoftHsm:
    """The library and its folder. Tokens that are made while it runs in this process show after `restart`."""

    module: Path
    folder: Path

    def token(self, label: str) -> Path:
        """A new token with its PIN set; the folder in which it lies, whose absence is the token's."""
        before = set(self.tokens())
        self._run("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", SO_PIN)
        (made,) = set(self.tokens()) - before
        return made

    def tokens(self) -> Iterator[Path]:
        """The folders of all tokens."""
        return (self.folder / "tokens").iterdir()

    def key(self, token: str, label: str, number: str, kind: str = EC, *more: str) -> InToken:
        """A new pair of keys, made in the token."""
        names = ("--label", label, "--id", number)
        self.tool(token, "--keypairgen", "--key-type", kind, *names, *more)
        return InToken(load_der_public_key(self._public(token, label, bytes.fromhex(number))))

    def put(self, token: str, certificate: x509.Certificate, label: str, number: str) -> None:
        """A certificate beside its key."""
        path = self.folder / "put.der"
        path.write_bytes(certificate.public_bytes(Encoding.DER))
        self.tool(token, "--write-object", str(path), "--type", "cert", "--label", label, "--id", number)

    def tool(self, token: str, *words: str) -> bytes:
        """OpenSC's own hand on a token, logged in with the right PIN."""
        module = ("--module", str(self.module), "--token-label", token, "--login", "--pin", PIN)
        return self._run("pkcs11-tool", *module, *words)

    def session(self, token: str) -> pkcs11.Session:
        """Into a token from this process, logged in, to change what is there; `restart` when done."""
        return pkcs11.lib(str(self.module)).get_token(token_label=token).open(rw=True, user_pin=PIN)

    def restart(self) -> None:
        """Leaves the library as a new process finds it: nobody logged in, the tokens as they lie in the folder."""
        for path in (self.module, self.faulty):
            if str(path) in pkcs11._loaded:
                with suppress(pkcs11.PKCS11Error):
                    pkcs11._loaded[str(path)].finalize()
        self.faults.unlink(missing_ok=True)
        self.calls.unlink(missing_ok=True)

    @property
    def faulty(self) -> Path:
        """The same library behind one that fails as `fail` tells it, and notes every call; made when first asked."""
        made = self.folder / "faulty.so"
        if not made.exists():
            where = (
                f'-DPIN="{PIN}"',
                f'-DREAL="{self.module}"',
                f'-DFAULTS="{self.faults}"',
                f'-DCALLS="{self.calls}"',
            )
            self._run("gcc", "-shared", "-fPIC", "-O1", *where, "-o", str(made), str(FAULTY), "-ldl")
        return made

    def fail(self, call: str, code: int, times: int = 1) -> None:
        """The next `times` calls of this function answer `code`; see the C source for what it knows."""
        self.faults.write_text(f"{call} {code} {times}\n")

    def called(self, name: str) -> int:
        """How often the library behind `faulty` was asked for this since `restart`."""
        return self.calls.read_text().split().count(name) if self.calls.exists() else 0

    @property
    def faults(self) -> Path:
        """What shall fail."""
        return self.folder / "faults"

    @property
    def calls(self) -> Path:
        """What was called."""
        return self.folder / "calls"

    def _public(self, token: str, label: str, number: bytes) -> bytes:
        """The public key beside a private one; pkcs11-tool cannot write out P-384."""
        self.restart()
        with pkcs11.lib(str(self.module)).get_token(token_label=token).open() as session:
            found = session.get_key(ObjectClass.PUBLIC_KEY, label=label, id=number)
            encoded = encode_rsa_public_key if found.key_type is KeyType.RSA else encode_ec_public_key
            spki = encoded(found)
        self.restart()
        return spki if found.key_type is KeyType.EC else _wrapped(spki)

    def _run(self, name: str, *words: str) -> bytes:
        done = subprocess.run([tool(name), *words], capture_output=True, check=False)
        assert done.returncode == 0, f"{name} {' '.join(words)}: {done.stderr.decode(errors='replace')[-500:]}"
        return done.stdout


def _wrapped(rsa: bytes) -> bytes:
    return bytes(PublicKeyInfo.wrap(RSAPublicKey.load(rsa), "rsa").dump())


@contextmanager
def softhsm(module: Path) -> Iterator[SoftHsm]:
    """A folder without tokens; the library finds it through SOFTHSM2_CONF, in this process and in its children."""
    with tempfile.TemporaryDirectory(prefix="softhsm-") as name:
        folder, before = Path(name), os.environ.get("SOFTHSM2_CONF")
        (folder / "tokens").mkdir()
        (folder / "conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
        server = SoftHsm(module, folder)
        try:
            yield server
        finally:
            server.restart()
            os.environ.pop("SOFTHSM2_CONF")
            if before is not None:
                os.environ["SOFTHSM2_CONF"] = before
