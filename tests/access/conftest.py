"""A provider of our own, and a shelf that trusts it."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from support.pec_provider import Provider, pec_provider
from support.post import ME, Post
from support.shelf import Shelf


@pytest.fixture(scope="session")
def provider() -> Provider:
    return pec_provider(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture
def post(provider: Provider) -> Post:
    """One sending."""
    return Post(provider)


@pytest.fixture
def shelf(tmp_path: Path, provider: Provider) -> Shelf:
    """An empty archive."""
    return Shelf(tmp_path, provider.trust, own=[ME])
