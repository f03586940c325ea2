"""archiver.evidence.algorithms: the dated table, what an operator lays over it, and what-if."""

import re
import tomllib
import zipfile
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from asn1crypto.algos import DigestAlgorithmId
from asn1crypto.keys import NamedCurve
from lxml import etree
from setuptools import build_meta
from support.tools import ROOT, shared

from archiver.errors import Malformed
from archiver.evidence.algorithms import CATALOGUE

SOURCE = "ETSI TS 119 312 V1.5.1 (2024-10-13)"
NEVER = datetime.max.replace(tzinfo=UTC)
SIGNATURES = {"rsassa_pkcs1v15", "rsassa_pss", "dsa", "ecdsa", "ecsdsa", "ed25519", "ed448"}


def table() -> dict:
    return tomllib.loads((ROOT / "schemas" / "algorithms.toml").read_text(encoding="utf-8"))


def noon(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "bits", "day", "code"),
    [
        ("sha1", 0, "2012-08-01", None),
        ("sha1", 0, "2012-08-02", "ALGORITHM_SPENT"),
        ("sha512", 0, "2099-01-01", None),
        ("sha224", 0, "2029-01-01", "ALGORITHM_SPENT"),
        ("rsassa_pkcs1v15", 4096, "2028-12-31", None),
        ("rsassa_pkcs1v15", 4096, "2029-01-01", "ALGORITHM_SPENT"),
        ("rsassa_pkcs1v15", 1024, "2020-01-01", "ALGORITHM_SPENT"),
        ("rsassa_pkcs1v15", 1899, "2020-01-01", "ALGORITHM_SPENT"),
        ("rsassa_pss", 2048, "2029-01-01", "ALGORITHM_SPENT"),
        ("rsassa_pss", 3072, "2029-01-01", None),
        ("ecdsa", 256, "2040-01-01", None),
        ("ecdsa", 192, "2000-01-01", "ALGORITHM_UNKNOWN"),
        ("secp521r1", 0, "2040-01-01", None),
        ("brainpoolp320r1", 0, "2000-01-01", "ALGORITHM_UNKNOWN"),
        ("secp256k1", 0, "2000-01-01", "ALGORITHM_UNKNOWN"),
        ("ed448", 456, "2040-01-01", None),
        ("rot13", 0, "2000-01-01", "ALGORITHM_UNKNOWN"),
    ],
)
def test_an_algorithm_is_usable_up_to_the_last_day_of_its_term(name, bits, day, code):
    found = CATALOGUE.usable(name, bits, noon(day))
    assert (found and found.code) == code
    assert found is None or dict(found.values)["source"] == SOURCE


def test_an_algorithm_may_have_fallen_at_the_beginning_of_the_calendar():
    first = datetime.min.replace(tzinfo=UTC)
    found = CATALOGUE.broken(["sha256"], first).usable("sha256", 0, first)
    assert (found.code, dict(found.values)["end"]) == ("ALGORITHM_SPENT", str(first))


def test_the_names_are_those_under_which_they_are_looked_up():
    known = {*SIGNATURES, *DigestAlgorithmId._map.values(), *NamedCurve._map.values(), "frp256v1"}
    assert set(CATALOGUE.terms) <= known
    assert {row["kind"] for row in table()["algorithm"]} == {"digest", "signature", "curve"}


def test_a_row_that_is_not_etsis_names_its_source():
    assert all(("catalogue" in row) != ("source" in row) for row in table()["algorithm"])


def etsi() -> list[tuple[str, int, date | None]]:
    """Each evaluation of the catalogue's file: name, least bits of the modulus (0: of any), end."""
    root = etree.parse(shared("schemas/crypto-algo-policy/19312MachineReadable.xml")).getroot()
    rows = []
    for algorithm in root.iterfind("{*}Algorithm"):
        name = algorithm.findtext("{*}AlgorithmIdentifier/{*}Name").strip()
        for evaluation in algorithm.iterfind("{*}Evaluation"):
            sizes = {item.get("name"): int(item.findtext("{*}Min")) for item in evaluation.iterfind("{*}Parameter")}
            end = evaluation.findtext("{*}Validity/{*}End")
            bits = sizes.get("moduluslength", sizes.get("plength", 0))
            rows.append((name, bits, None if end is None else datetime.fromisoformat(end).date()))
    return rows


def test_every_algorithm_of_the_catalogue_has_the_end_that_we_have():
    ours = {name: row["name"] for row in table()["algorithm"] for name in row.get("catalogue", ())}
    catalogue = etsi()
    assert {name for name, _, _ in catalogue} == set(ours)
    assert len(catalogue) > 40
    for name, bits, end in catalogue:
        least = bits or {"ecdsa": 256}.get(ours[name], 0)
        if name == "ECDSA with SHA-224":
            assert CATALOGUE.usable("sha224", 0, noon("2029-01-01")), "it is the digest that ends"
            continue
        until = CATALOGUE.usable_until(ours[name], least)
        assert until == (NEVER if end is None else datetime(end.year + 1, 1, 1, tzinfo=UTC)), name
        assert end is None or (end.month, end.day) == (12, 31)


def test_the_catalogues_version_and_date_are_the_files():
    root = etree.parse(shared("schemas/crypto-algo-policy/19312MachineReadable.xml")).getroot()
    version = root.findtext("{*}PolicyName/{*}ObjectIdentifier") or ""
    issued = root.findtext("{*}PolicyIssueDate") or ""
    assert f"ETSI TS 119 312 V{version.strip()} ({issued.strip()[:10]})" == SOURCE == CATALOGUE.source


def test_the_table_in_schemas_is_the_one_that_is_used():
    assert (ROOT / "schemas" / "algorithms.toml").read_bytes() == (
        files("archiver.evidence").joinpath("algorithms.toml").read_bytes()
    )


def test_the_table_is_in_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "src").mkdir()
    for name in ("pyproject.toml", "README.md"):
        (tmp_path / "src" / name).write_bytes((ROOT / name).read_bytes())
    package = tmp_path / "src" / "archiver"
    (package / "evidence").mkdir(parents=True)
    for place in ("__init__.py", "evidence/__init__.py", "evidence/algorithms.toml"):
        (package / place).write_bytes((ROOT / "archiver" / place).read_bytes())
    monkeypatch.chdir(tmp_path / "src")
    with zipfile.ZipFile(tmp_path / build_meta.build_wheel(str(tmp_path))) as wheel:
        assert "archiver/evidence/algorithms.toml" in wheel.namelist()


def overlay(*rows: str, source: str = 'source = "Studio Rossi, 2026-03-01"') -> bytes:
    return "\n".join((source, *(f"[[algorithm]]\n{row}" for row in rows))).encode()


@pytest.mark.parametrize(
    ("row", "name", "bits", "ends"),
    [
        ('name = "SHA-256"\nuntil = 2031-01-01', "sha256", 0, "2031-01-02"),
        ('name = "sha3-512"\nuntil = 2031-01-01', "sha3_512", 0, "2031-01-02"),
        ('name = "rsa"\nuntil = 2027-01-01', "rsassa_pkcs1v15", 4096, "2027-01-02"),
        ('name = "rsa"\nuntil = 2027-01-01', "rsassa_pss", 4096, "2027-01-02"),
        ('name = "RSASSA-PSS"\nuntil = 2035-01-01', "rsassa_pss", 4096, "2035-01-02"),
        ('name = "RSASSA-PSS"\nuntil = 2035-01-01', "rsassa_pss", 2048, "2029-01-01"),
        ('name = "rsa-pss"\nbits_below = 4096\nuntil = 2035-01-01', "rsassa_pss", 3072, "2035-01-02"),
        ('name = "rsa-pss"\nbits_below = 4096\nuntil = 2035-01-01', "rsassa_pss", 4096, None),
        ('name = "rsa-pss"\nbits_below = 3000\nuntil = 2027-01-01', "rsassa_pss", 3000, None),
        ('name = "rsa-pss"\nbits_below = 3000\nuntil = 2027-01-01', "rsassa_pss", 2048, "2027-01-02"),
        ('curve = "P-256"\nuntil = 2040-06-30', "secp256r1", 0, "2040-07-01"),
        ('name = "ECDSA"\ncurve = "brainpoolP256r1"\nuntil = 2040-06-30', "brainpoolp256r1", 0, "2040-07-01"),
        ('name = "SHA-224"\nuntil = 2028-12-31', "sha224", 0, "2029-01-01"),
    ],
)
def test_an_operator_may_be_stricter(row, name, bits, ends):
    strict = CATALOGUE.stricter(overlay(row))
    assert strict.usable_until(name, bits) == (datetime.fromisoformat(ends).replace(tzinfo=UTC) if ends else NEVER)
    assert strict.source == f"{SOURCE}; stricter: Studio Rossi, 2026-03-01"


def test_a_stricter_table_changes_nothing_that_it_does_not_name():
    strict = CATALOGUE.stricter(overlay('name = "SHA-256"\nuntil = 2031-01-01'))
    changed = {name for name in CATALOGUE.terms if CATALOGUE.terms[name] != strict.terms[name]}
    assert changed == {"sha256"}


def test_tables_may_be_laid_one_over_the_other_and_the_strictest_counts():
    once = CATALOGUE.stricter(overlay('name = "SHA-256"\nuntil = 2031-01-01'))
    twice = once.stricter(overlay('name = "SHA-256"\nuntil = 2030-01-01', source='source = "AgID"'))
    assert twice.usable_until("sha256") == datetime(2030, 1, 2, tzinfo=UTC)
    assert twice.source.endswith("stricter: Studio Rossi, 2026-03-01; stricter: AgID")
    with pytest.raises(Malformed, match="would lengthen what ends on 2030-01-01"):
        twice.stricter(overlay('name = "SHA-256"\nuntil = 2031-01-01'))


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (overlay('name = "SHA-224"\nuntil = 2030-01-01'), r"SHA-224 until 2030-01-01 would lengthen .* 2028-12-31"),
        (overlay('name = "md5"\nuntil = 2030-01-01'), r"md5 until 2030-01-01 would lengthen what ends on 2004-08-01"),
        (overlay('name = "rsa"\nbits_below = 2000\nuntil = 2030-01-01'), r"rsa until .* ends on 2028-12-31"),
        (overlay('name = "pss"\nbits_below = 3000\nuntil = 2030-01-01'), r"pss until .* ends on 2028-12-31"),
        (overlay('name = "rot13"\nuntil = 2030-01-01'), r"1 \(rot13\): rot13 is unknown; known: .*rsa.*sha256"),
        (overlay('curve = "secp256k1"\nuntil = 2030-01-01'), r"secp256k1 is unknown"),
        (overlay('name = "rsa"\ncurve = "P-256"\nuntil = 2030-01-01'), r"curve: expected name ecdsa or none beside"),
        (overlay('name = "sha512"\nbits_below = 0\nuntil = 2030-01-01'), r"bits_below: expected a number"),
        (overlay('name = "ecdsa"\nbits_below = 100\nuntil = 2020-01-01'), r"no key of ecdsa below 100 bits"),
        (
            overlay('name = "sha512"'),
            r"\[\[algorithm\]\] 1: until: expected a day as 2031-01-01 \(no quotes\), found N",
        ),
        (overlay('name = "sha512"\nuntil = "2030-01-01"'), r"until: expected a day .* found '2030-01-01'"),
        (overlay('name = "sha512"\nuntil = 2030-01-01T00:00:00Z'), r"until: expected a day"),
        (overlay('name = "sha512"\nuntil = 2030-01-01\nfrom = 2020-01-01'), r"unknown key from"),
        (overlay("until = 2030-01-01"), r"name: expected an algorithm's name, found None"),
        (overlay('name = "sha512"\nuntil = 2030-01-01', source=""), r"expected source = "),
        (overlay('name = "sha512"\nuntil = 2030-01-01', source='source = "x"\nversion = 3'), r"unknown key version"),
        (overlay(), r"expected \[\[algorithm\]\] with name and until"),
        (b'source = "x"\nalgorithm = 3', r"expected \[\[algorithm\]\]"),
        (b'source = "x"\n[[algorithm]\n', r"no TOML: .*line 2"),
        (b"\xff\xfe", r"no TOML"),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_its_reason(octets, words):
    with pytest.raises(Malformed, match=words):
        CATALOGUE.stricter(octets)


def test_all_that_is_wrong_with_a_table_is_said_at_once():
    with pytest.raises(Malformed) as refusal:
        CATALOGUE.stricter(
            overlay('name = "rot13"\nuntil = 2030-01-01', 'name = "SHA-224"\nuntil = 2030-01-01', 'name = "sha1"')
        )
    assert "[[algorithm]] 3: until" in str(refusal.value)
    with pytest.raises(Malformed) as refusal:
        CATALOGUE.stricter(overlay('name = "rot13"\nuntil = 2030-01-01', 'name = "SHA-224"\nuntil = 2030-01-01'))
    assert "rot13 is unknown" in str(refusal.value)
    assert "SHA-224 until 2030-01-01 would lengthen" in str(refusal.value)


FALL = datetime(2035, 5, 5, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "fallen"),
    [
        ("sha256", {"sha256"}),
        ("SHA-256", {"sha256"}),
        ("sha3-512", {"sha3_512"}),
        ("rsa", {"rsassa_pkcs1v15", "rsassa_pss"}),
        ("rsassa_pss", {"rsassa_pss"}),
        ("ecdsa", {"ecdsa"}),
        ("p-256", {"secp256r1"}),
        ("brainpoolP384r1", {"brainpoolp384r1"}),
        ("EdDSA", {"ed25519", "ed448"}),
    ],
)
def test_what_is_assumed_broken_is_spent_from_that_moment_on_and_the_rest_is_not(asked, fallen):
    broken = CATALOGUE.broken([asked], FALL)
    for name in CATALOGUE.terms:
        before, now = CATALOGUE.usable_until(name, 4096), broken.usable_until(name, 4096)
        assert now == (min(before, FALL) if name in fallen else before)
    for name in fallen & {"sha256", "ecdsa", "ed448"}:
        assert broken.usable(name, 521, datetime(2035, 5, 5, 9, 59, tzinfo=UTC)) is None
        assert broken.usable(name, 521, FALL).code == "ALGORITHM_SPENT"
    assert broken.source == f"{SOURCE}; assumed broken from 2035-05-05 10:00:00+00:00: {asked}"


def test_nothing_assumed_broken_is_the_same_catalogue():
    assert CATALOGUE.broken([], FALL) is CATALOGUE


def test_an_unknown_name_is_refused_with_those_that_are_known():
    with pytest.raises(Malformed, match=r"^unknown algorithm rot13, x; known: .*\brsa\b.*\bsha256\b"):
        CATALOGUE.broken(["sha256", "rot13", "x"], FALL)


def test_the_example_in_the_readme_of_schemas_is_a_table_that_is_taken():
    (example,) = re.findall(
        r"```toml\n(.*?)```", (ROOT / "schemas" / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    strict = CATALOGUE.stricter(example.encode())
    changed = {name for name in CATALOGUE.terms if CATALOGUE.terms[name] != strict.terms[name]}
    assert changed == {"sha256", "rsassa_pss", "brainpoolp256r1"}
