"""The verifier that travels inside an exhibit: one file, which shares no code with what it judges."""

from importlib.resources import files


def standalone() -> bytes:
    """`verify.py`, octet for octet: Python 3.9 or later and `cryptography`, nothing else."""
    return files("archiver.access.exhibit.standalone").joinpath("verify.py").read_bytes()
