"""Packages of other conservatori: what they prove is said, what they do not prove is said, and all of it is kept."""

import base64
import io
import os
import shutil
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest
from lxml import etree
from support.certificates import Authority
from support.commands import archiver
from support.estates import Estate, renew, silent
from support.foreign_packages import House, base_64, hexadecimal, idc, pindex, written
from support.rebuilding import different, rows
from support.signed_files import p7m
from support.small import EVENING, HOUR, Small, few, look, make
from support.tools import shared

from archiver import compose
from archiver.adapters.authority import LocalAuthority
from archiver.errors import Malformed
from archiver.handover.foreign import judge_package
from archiver.handover.packages import packages
from archiver.package.foreign import reader
from archiver.package.layout import Kind
from archiver.verdict import Indication
from archiver.verify import Report

AT = EVENING + 2 * HOUR
MAIL = {f"posta/{number:03}.eml": raw for number, raw in enumerate(few("2019-03-01"))}
FILES = {**MAIL, "documenti/contratto è qui.pdf": b"%PDF-1.4 prova", "metadati/1.xml": b"<m/>"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """An archive that keeps a few messages already."""
    return make(tmp_path_factory.mktemp("foreign") / "archive", few("2026-01-07", seed=2))


@pytest.fixture(scope="module")
def house(small: Small) -> House:
    """Another conservatore, whose CA the archive believes."""
    ca = small.ca.parent
    authority = LocalAuthority(ca, lambda: EVENING, name="local")
    return House(ca / "seal.pem", ca / "seal.key", ca / "ca.pem", authority.answer)


@pytest.fixture(scope="module")
def whole(house: House, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A package as it should be: sealed, and stamped beside."""
    sealed = house.sealed(pindex(FILES), tmp_path_factory.mktemp("seal"))
    return {**FILES, "PIndex.xml.p7m": sealed, "PIndex.xml.p7m.tsr": house.answered(sealed)}


def test_both_schema_copies_and_the_old_one_accept_what_these_tests_build() -> None:
    for schema, xml in (
        ("sincro-v2/PIndex.parer.xsd", pindex(FILES)),
        ("sincro-v2/PIndex.7zpus.xsd", pindex(FILES)),
        ("sincro-v1/IdC.parer.xsd", idc(FILES, function="SHA-256", hashed=hexadecimal)),
    ):
        etree.XMLSchema(etree.parse(shared(f"schemas/{schema}"))).assertValid(etree.fromstring(xml))


def test_a_package_that_is_as_it_should_be_passes(small: Small, whole: dict[str, bytes], tmp_path: Path) -> None:
    report = judged(small, written(tmp_path / "p", whole))
    assert report.indication is Indication.PASSED, report.verdict.findings
    assert "FOREIGN_STAMPED" in codes(report)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("PIndex.xml.p7m", "p7m"),
        ("pindex.p7m", "pem"),
        ("PIndex.xml.p7m.tsd", "tsd"),
        ("PIndex.xml", "p7s"),
    ],
)
def test_every_form_in_which_an_index_comes_is_verified(
    small: Small, house: House, tmp_path: Path, name: str, form: str
) -> None:
    xml = pindex(FILES)
    sealed = house.sealed(xml, tmp_path / "seal", detached=form == "p7s")
    held = {
        "p7m": {name: sealed, "PIndex.tsr": house.answered(xml)},
        "pem": {
            name: b"-----BEGIN CMS-----\n" + b64(sealed) + b"-----END CMS-----\n",
            "pindex.tsr": house.answered(sealed),
        },
        "tsd": {name: house.stamped_data(sealed)},
        "p7s": {name: xml, "PIndex.xml.p7s": sealed, "PIndex.xml.tsr": house.answered(xml)},
    }[form]
    report = judged(small, written(tmp_path / "p", {**FILES, **held}))
    assert report.indication is Indication.PASSED, report.verdict.findings


def test_an_old_index_is_read_and_its_sha_1_is_said_to_prove_nothing(
    small: Small, house: House, tmp_path: Path
) -> None:
    xml = idc(FILES)
    sealed = house.sealed(xml, tmp_path / "seal")
    found = {**FILES, "IdC.xml.p7m": sealed, "IdC.xml.p7m.tsr": house.answered(sealed)}
    report = judged(small, written(tmp_path / "p", found))
    assert (report.indication, grave(report)) == (Indication.INDETERMINATE, {"FOREIGN_WEAK"})
    stronger = house.sealed(idc(FILES, function="SHA-256", hashed=hexadecimal), tmp_path / "seal")
    found = {**FILES, "IdC.xml.p7m": stronger, "IdC.xml.p7m.tsr": house.answered(stronger)}
    assert judged(small, written(tmp_path / "q", found)).indication is Indication.PASSED


CHANGES = {
    "a message": ({"posta/000.eml": b"altro"}, {"FOREIGN_DIGEST"}, "FAILED"),
    "another file": ({"metadati/1.xml": b"<n/>"}, {"FOREIGN_DIGEST"}, "FAILED"),
    "a file gone": ({"metadati/1.xml": None}, {"FOREIGN_MISSING"}, "FAILED"),
    "a file more": ({"in piu.txt": b"x"}, set(), "PASSED"),
    "no stamp": ({"PIndex.xml.p7m.tsr": None}, {"FOREIGN_NOT_STAMPED"}, "INDETERMINATE"),
    "an unreadable stamp": (
        {"PIndex.xml.p7m.tsr": b"x"},
        {"FOREIGN_TOKEN_UNREADABLE", "FOREIGN_NOT_STAMPED"},
        "INDETERMINATE",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_was_changed_is_said(small: Small, whole: dict[str, bytes], tmp_path: Path, case: str) -> None:
    changed, expected, indication = CHANGES[case]
    report = judged(small, written(tmp_path / "p", but(whole, changed)))
    assert (grave(report), report.indication.value) == (expected, indication)


def test_a_seal_that_was_bent_and_a_stamp_of_something_else_fail(
    small: Small, house: House, whole: dict[str, bytes], tmp_path: Path
) -> None:
    sealed = whole["PIndex.xml.p7m"]
    bent = sealed.replace(b"Altri S.p.A.", b"Altri S.p.B.")
    report = judged(small, written(tmp_path / "p", but(whole, {"PIndex.xml.p7m": bent})))
    assert {"CMS_DIGEST", "FOREIGN_ELSEWHERE"} <= grave(report)
    other = but(whole, {"PIndex.xml.p7m.tsr": house.answered(b"altro")})
    assert "FOREIGN_ELSEWHERE" in grave(judged(small, written(tmp_path / "q", other)))


def test_an_index_that_nobody_signed_is_open(small: Small, tmp_path: Path) -> None:
    report = judged(small, written(tmp_path / "p", {**FILES, "PIndex.xml": pindex(FILES)}))
    assert (report.indication, grave(report)) == (
        Indication.INDETERMINATE,
        {"FOREIGN_UNSIGNED", "FOREIGN_NOT_STAMPED"},
    )


@pytest.mark.parametrize(
    ("hashed", "function", "found"),
    [
        (base_64, "SHA-256", set()),
        (lambda octets: hexadecimal(octets).upper(), "sha256", set()),
        (lambda octets: hexadecimal(octets, "sha512"), "SHA512", set()),
        (lambda octets: hexadecimal(octets, "sha1"), "SHA-1", {"FOREIGN_WEAK"}),
        (lambda octets: "non so", "SHA-256", {"FOREIGN_ALGORITHM"}),
        (hexadecimal, "Tiger-192", {"FOREIGN_ALGORITHM"}),
    ],
)
def test_hashes_are_read_as_people_write_them(
    small: Small, tmp_path: Path, hashed: object, function: str, found: set[str]
) -> None:
    xml = pindex(FILES, hashed=hashed, function=function)  # type: ignore[arg-type]
    report = judged(small, written(tmp_path / "p", {**FILES, "PIndex.xml": xml}))
    assert grave(report) - {"FOREIGN_UNSIGNED", "FOREIGN_NOT_STAMPED"} == found


@pytest.mark.parametrize("path", ["../{}", "/../{}", "{}/../../segreto", "..\\{}"])
def test_no_path_leads_out_of_the_folder(small: Small, tmp_path: Path, path: str) -> None:
    (tmp_path / "a.eml").write_bytes(b"fuori")
    xml = pindex({"a.eml": b"fuori"}, path=lambda name: path.format(name))
    report = judged(small, written(tmp_path / "p", {"PIndex.xml": xml}))
    assert "FOREIGN_MISSING" in grave(report)


def test_a_link_is_refused(tmp_path: Path, whole: dict[str, bytes]) -> None:
    folder = written(tmp_path / "p", whole)
    os.symlink("/etc/hostname", folder / "posta" / "999.eml")
    with pytest.raises(Malformed, match="collegamento"):
        packages(folder)


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>',
        b"<PIndex/>",
        b"non xml",
        pindex({}),
        pindex(FILES)[:-20],
    ],
)
def test_what_is_no_index_is_refused_with_a_reason(xml: bytes) -> None:
    with pytest.raises(Malformed):
        reader.read(xml)


def test_two_signatures_and_one_that_is_none_are_said(small: Small, tmp_path: Path) -> None:
    authority, xml = Authority(), pindex(FILES)
    two = p7m(xml, authority.person(), authority.person())
    assert "FOREIGN_SIGNERS" in grave(judged(small, written(tmp_path / "p", {**FILES, "PIndex.xml.p7m": two})))
    stranger = p7m(xml, authority.person())
    assert (
        judged(small, written(tmp_path / "q", {**FILES, "PIndex.xml.p7m": stranger})).indication
        is not Indication.PASSED
    )


def test_a_listed_document_that_mentions_the_standard_is_no_index(small: Small, tmp_path: Path) -> None:
    files = {**FILES, "schema.xml": b'<x a="http://www.uni.com/U3011/sincro-v2/"/>'}
    report = judged(small, written(tmp_path / "p", {**files, "PIndex.xml": pindex(files)}))
    assert "FOREIGN_UNREADABLE" not in codes(report)
    found, wrong = packages(written(tmp_path / "q", {"schema.xml": files["schema.xml"]}))
    assert (found, [one.code for one in wrong]) == ([], ["FOREIGN_UNREADABLE"])


# --- the whole way


def test_a_package_is_taken_over_whole_and_stays_with_the_archive(
    small: Small, whole: dict[str, bytes], tmp_path: Path
) -> None:
    folder, archive = copied(small, tmp_path), written(tmp_path / "p", {**whole, "note.txt": b"appunti"})
    done = taken(folder, archive)
    assert done.whole
    assert (done.new, done.known, len(done.kept)) == (len(MAIL), 0, 1)
    # every file that is no message is there byte for byte, beside a note of what the package was
    (name,) = look(folder).files.kind(Kind.TAKEOVER)
    with zipfile.ZipFile(io.BytesIO(look(folder).files[name])) as kept:
        held = {one: kept.read(one) for one in kept.namelist()}
    others = {octets for path, octets in whole.items() if not path.endswith(".eml")} | {b"appunti"}
    assert {octets for one, octets in held.items() if one.startswith("files/")} == others
    assert b"documenti/contratto" in held["takeover.json"]
    # the messages are declared, not observed
    newest = max(
        (look(folder).files[one] for one in look(folder).files.kind(Kind.RDV)), key=lambda rdv: b"posta/000.eml" in rdv
    )
    assert b"dichiarata" in newest
    assert b"posta/000.eml" in newest
    # the next night covers it, the census knows it, a rebuild restores what proves it
    sealed(folder, at=AT + HOUR)
    report = look(folder).judge(at=AT + 2 * HOUR)
    assert report.indication is Indication.PASSED
    assert not {"TAKEOVER_NOT_COVERED"} & codes(report)
    assert swept(folder, at=AT + 2 * HOUR) == (0, 0, 0)
    before = opened(folder)
    known = rows(before.catalog_url)
    (folder / "catalog.db").unlink()
    rebuilt = compose.rebuild(opened(folder), clock=lambda: AT + 3 * HOUR)
    assert not rebuilt.lost
    assert different(known, rows(before.catalog_url)) == {}
    # and its evidence is renewed like all else
    renew(Estate(folder), at=AT + 4 * HOUR, target="sha3_512")
    assert look(folder).judge(at=AT + 5 * HOUR).indication is Indication.PASSED
    assert any(".000002.ers" in one for one in look(folder).files.kind(Kind.TAKEOVER_RECORD))


def test_a_byte_of_a_kept_package_is_missed(small: Small, whole: dict[str, bytes], tmp_path: Path) -> None:
    folder = copied(small, tmp_path)
    taken(folder, written(tmp_path / "p", whole))
    sealed(folder, at=AT + HOUR)
    files = look(folder).files
    (name,) = files.kind(Kind.TAKEOVER)
    bent = files.but({name: files[name].replace(b"prova", b"Prova")})
    assert look(folder).judge(bent, at=AT + 2 * HOUR).indication is Indication.FAILED
    assert look(folder).judge(files.but({name: None}), at=AT + 2 * HOUR).indication is Indication.FAILED


def test_run_again_it_adds_nothing(small: Small, whole: dict[str, bytes], tmp_path: Path) -> None:
    folder, archive = copied(small, tmp_path), written(tmp_path / "p", whole)
    taken(folder, archive)
    there = {name for name in look(folder).files if "/acts/" not in name}
    again = taken(folder, archive)
    assert (again.new, again.known) == (0, len(MAIL))
    now = {name for name in look(folder).files if "/acts/" not in name}
    assert {name for name in now - there if "/pdv/" not in name} == set()


def test_a_package_that_fails_leaves_no_trace_unless_it_is_wanted_as_it_is(
    small: Small, whole: dict[str, bytes], tmp_path: Path
) -> None:
    folder = copied(small, tmp_path)
    archive = written(tmp_path / "p", but(whole, {"metadati/1.xml": b"<altro/>"}))
    before = set(look(folder).files)
    found = archiver("import", archive, config=folder / "archiver.toml")
    assert (found.code, set(look(folder).files)) == (1, before)
    assert "--as-is" in found.out
    assert "metadati/1.xml" in found.err
    found = archiver("import", archive, "--as-is", "--json", config=folder / "archiver.toml")
    assert (found.code, found.json["new"], found.json["indication"]) == (1, len(MAIL), "FAILED")


def test_a_folder_without_an_index_is_told_where_to_go(small: Small, tmp_path: Path) -> None:
    folder = copied(small, tmp_path)
    found = archiver("import", written(tmp_path / "p", MAIL), config=folder / "archiver.toml")
    assert (found.code, "ingest --from" in found.err) == (2, True)
    assert archiver("import", tmp_path / "nulla", config=folder / "archiver.toml").code == 2


def test_several_packages_in_one_folder_keep_their_files_apart(small: Small, house: House, tmp_path: Path) -> None:
    names = list(MAIL)
    one, two = ({name: MAIL[name] for name in part} for part in (names[:2], names[2:]))
    files = {f"A/{name}": raw for name, raw in one.items()} | {f"B/{name}": raw for name, raw in two.items()}
    files |= {"A/PIndex.xml": pindex(one), "B/IdC.xml": idc(two), "B/nota.txt": b"di B"}
    found, wrong = packages(written(tmp_path / "p", files))
    assert not wrong
    assert {one.outer.path: (len(one.mails), one.index.generation) for one in found} == {
        "A/PIndex.xml": (2, 2),
        "B/IdC.xml": (len(two), 1),
    }
    assert [one.outer.path for one in found if "B/nota.txt" in one.files] == ["B/IdC.xml"]


# --- helps


def b64(octets: bytes) -> bytes:
    return base64.encodebytes(octets)


def but(files: Mapping[str, bytes], changed: Mapping[str, bytes | None]) -> dict[str, bytes]:
    merged = {**files, **changed}
    return {name: octets for name, octets in merged.items() if octets is not None}


def judged(small: Small, folder: Path) -> Report:
    """The verdict on the one package in a folder."""
    (package,), wrong = packages(folder)
    assert not wrong
    return judge_package(folder, package, policy=opened(small.folder).policy, at=AT)


def codes(report: Report) -> set[str]:
    return {found.code for found in report.verdict.findings}


def grave(report: Report) -> set[str]:
    return {found.code for found in report.verdict.findings if found.severity in ("error", "doubt")}


def copied(small: Small, tmp_path: Path) -> Path:
    shutil.copytree(small.folder, tmp_path / "archive")
    return tmp_path / "archive"


def opened(folder: Path) -> compose.Archive:
    return compose.open_archive(folder / "archiver.toml", environ={}, clock=lambda: AT)


def taken(folder: Path, root: Path) -> compose.Foreign:
    done = compose.take_over(opened(folder), root, clock=lambda: AT)
    assert isinstance(done, compose.Foreign)
    return done


def sealed(folder: Path, *, at: datetime) -> None:
    done = compose.seal(opened(folder), everything=True, to_sign=None, signed=None, clock=lambda: at, progress=silent)
    assert not done.failures, [failure.text("en") for failure in done.failures]


def swept(folder: Path, *, at: datetime) -> tuple[int, int, int]:
    report = compose.sweep(opened(folder), everything=True, clock=lambda: at)
    told = report.as_json()
    return told["missing"], told["corrupt"], told["unexpected"]
