"""Judges that are not ours, for what was signed."""

import subprocess
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from support.tools import tool


def openssl_cades(p7m: bytes, ca: x509.Certificate) -> bytes:
    """The content of a CAdES signature, when OpenSSL finds it intact and issued by `ca`; else AssertionError."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "p7m").write_bytes(p7m)
        (folder / "ca").write_bytes(ca.public_bytes(Encoding.PEM))
        command = (
            f"{tool('openssl')} cms -verify -cades -binary -inform DER -in p7m -CAfile ca -purpose any -out content"
        )
        done = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "CAdES Verification successful" in done.stderr
        return (folder / "content").read_bytes()
