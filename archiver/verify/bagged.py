"""The frame of an exhibit (BagIt, RFC 8493): every file is listed, in both manifests, and is what they say."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from archiver.digest import Digests, digests_of
from archiver.errors import Malformed
from archiver.package.exhibit import bag, layout
from archiver.verdict import Finding, finding
from archiver.verify.files import Files
from archiver.verify.segment import pieces


@dataclass(slots=True)
class Bagged:
    """The digests of every file that is there, and what is to be said of the frame."""

    digests: dict[str, Digests] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def judge_bag(files: Files) -> Bagged:
    """Reads every file once (RFC 8493, 3: complete and valid). Nothing is raised for what the files hold."""
    found = Bagged()
    for item in files.list():
        with files.open(item.name) as file:
            found.digests[item.name] = digests_of(pieces(file))
    _declared(files, found)
    payload = {path: digests for path, digests in found.digests.items() if path.startswith(layout.DATA)}
    tags = {
        path: digests
        for path, digests in found.digests.items()
        if path not in payload and path not in layout.TAG_MANIFESTS
    }
    for algorithm in layout.ALGORITHMS:
        _manifest(files, layout.manifest(algorithm), algorithm, payload, found)
        _manifest(files, layout.tag_manifest(algorithm), algorithm, tags, found)
    _oxum(files, payload, found)
    return found


def _declared(files: Files, found: Bagged) -> None:
    if not files.has(layout.BAG):
        found.findings.append(finding("EXHIBIT_MANIFEST", layout.BAG, reason="bagit.txt"))
        return
    try:
        bag.check_declaration(files.get(layout.BAG))
    except Malformed as error:
        found.findings.append(finding("EXHIBIT_MANIFEST", layout.BAG, reason=error))


def _manifest(files: Files, name: str, algorithm: str, there: Mapping[str, Digests], found: Bagged) -> None:
    """One manifest against what is there, in both directions."""
    if not files.has(name):
        found.findings.append(finding("EXHIBIT_MANIFEST", name, reason=name))
        return
    try:
        listed = bag.read_manifest(files.get(name), algorithm)
    except Malformed as error:
        found.findings.append(finding("EXHIBIT_MANIFEST", name, reason=error))
        return
    for path in sorted(listed.keys() | there.keys()):
        if path not in there:
            found.findings.append(finding("EXHIBIT_MISSING", path, by=name))
        elif path not in listed:
            found.findings.append(finding("EXHIBIT_UNLISTED", path, by=name))
        elif (digest := str(getattr(there[path], algorithm))) != listed[path]:
            found.findings.append(finding("EXHIBIT_DIGEST", path, by=name, expected=listed[path], found=digest))


def _oxum(files: Files, payload: Mapping[str, Digests], found: Bagged) -> None:
    if not files.has(layout.BAG_INFO):
        return  # a manifest misses it
    try:
        stated = bag.read_oxum(files.get(layout.BAG_INFO))
    except Malformed as error:
        found.findings.append(finding("EXHIBIT_MANIFEST", layout.BAG_INFO, reason=error))
        return
    counted = sum(digests.size for digests in payload.values()), len(payload)
    if stated is not None and stated != counted:
        expected, there = (f"{octets}.{number}" for octets, number in (stated, counted))
        found.findings.append(finding("EXHIBIT_OXUM", layout.BAG_INFO, expected=expected, found=there))
