"""Providers of our own, beside the genuine messages of the corpus (read where they lie)."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from support.pec_provider import Provider, pec_provider

from archiver.pec.providers import Providers

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


@pytest.fixture(scope="session")
def corpus() -> Path:
    if not CORPUS.is_dir():
        pytest.skip(f"corpus absent: {CORPUS}")
    return CORPUS


@pytest.fixture(scope="session")
def agid(corpus: Path) -> Providers:
    """The providers of the corpus: AgID and DigitPA CAs as anchors."""
    return Providers.load(path.read_bytes() for path in sorted((corpus / "certs/pec-signers").glob("*.pem")))


@pytest.fixture(scope="session")
def rsa_provider() -> Provider:
    return pec_provider(rsa.generate_private_key(65537, 2048))


@pytest.fixture(scope="session")
def provider() -> Provider:
    return pec_provider(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture(scope="session")
def ed_provider() -> Provider:
    return pec_provider(ed25519.Ed25519PrivateKey.generate())
