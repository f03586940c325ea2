"""The bill itself, by the CycloneDX library, which also checks it against the schema."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from archiver import __version__
from materials.licences import allowed, licence
from materials.pinned import Pinned, page, requirements

FONT, FONT_LICENCE = "archiver/access/printing/fonts/DejaVuSans.ttf", "LicenseRef-DejaVu"
BUNDLE = "archiver/access/exhibit/page/page.js"
LOCK = "archiver/access/exhibit/page/src/package-lock.json"
OURS = "EUPL-1.2"


def bill(root: Path) -> str:
    """The bill of materials of the tree at `root`, JSON, the same each time. Raises ValueError for one not valid."""
    own = Component(name="pec-archiver", version=__version__, type=ComponentType.APPLICATION, bom_ref="pec-archiver")
    own.licenses.add(LicenseFactory().make_from_string(OURS))
    found = Bom(components=list(_components(root)))
    found.metadata.component = own
    found.register_dependency(own, found.components)
    written = json.loads(JsonV1Dot6(found).output_as_string())
    written["metadata"].pop("timestamp", None)
    written.pop("serialNumber", None)
    octets = json.dumps(written, sort_keys=True).encode()
    written["serialNumber"] = f"urn:uuid:{uuid5(NAMESPACE_URL, sha256(octets).hexdigest())}"
    text = json.dumps(written, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        raise ValueError(f"not a CycloneDX document: {wrong}")
    return text


def refused(text: str) -> list[str]:
    """Components of a bill whose licence is not allowed, or not known."""
    told = []
    for item in json.loads(text)["components"]:
        names = [
            one.get("expression") or one["license"].get("id") or one["license"]["name"]
            for one in item.get("licenses", ())
        ]
        if not names or not all(map(allowed, names)):
            told.append(f"{item['name']} {item['version']}: {', '.join(names) or 'no licence'}")
    return told


def _components(root: Path) -> Iterator[Component]:
    for one in requirements(root / "requirements.txt"):
        yield _package("pypi", one, licence(one.name))
    for one in page(root / LOCK):
        yield _package("npm", one, one.licence)
    yield _file(root, FONT, FONT_LICENCE)
    yield _file(root, BUNDLE, OURS)


def _package(kind: str, one: Pinned, terms: str) -> Component:
    space, _, name = one.name.rpartition("/")
    purl = PackageURL(kind, space or None, name, one.version)
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in one.sha256]
    hashes += [HashType(alg=HashAlgorithm.SHA_512, content=digest) for digest in one.sha512]
    # a package comes as one of several files: their digests belong to where it comes from, which is no one place
    source = ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(str(purl)), hashes=hashes)
    made = Component(
        name=one.name, version=one.version, purl=purl, bom_ref=str(purl), external_references=[source],
        type=ComponentType.LIBRARY,
    )  # fmt: skip
    if terms:
        made.licenses.add(LicenseFactory().make_from_string(terms))
    return made


def _file(root: Path, path: str, terms: str) -> Component:
    octets = (root / path).read_bytes()
    digest = HashType(alg=HashAlgorithm.SHA_256, content=sha256(octets).hexdigest())
    made = Component(name=path, version=__version__, type=ComponentType.FILE, hashes=[digest], bom_ref=path)
    made.licenses.add(LicenseFactory().make_from_string(terms))
    return made
