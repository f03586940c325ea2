"""Schemas: our own, and the copies that others publish (they lie beside the repository, where they are kept)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from lxml import etree
from package_samples import ROOT

SHARED = ROOT.parent / "shared" / "schemas"

# a busy machine is no finding
settings.register_profile("package", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("package")

Validate = Callable[[str, bytes], None]


def _validator(folder: Path) -> Validate:
    return lambda name, xml: etree.XMLSchema(etree.parse(folder / name)).assertValid(etree.fromstring(xml))


@pytest.fixture(scope="session")
def own() -> Validate:
    return _validator(ROOT / "schemas")


@pytest.fixture(scope="session")
def published() -> Validate:
    if not SHARED.is_dir():
        pytest.skip(f"published schemas absent: {SHARED}")
    return _validator(SHARED)
