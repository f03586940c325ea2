"""Readers of DER that are not ours read our records, and write them again as they were."""

import subprocess
from itertools import chain
from pathlib import Path

import pytest
from asn1crypto import algos, cms, core, tsp
from conformances.artefact import Artefact
from conformances.artefacts import sound
from conformances.history import World
from support.tools import tool

from archiver.evidence.record import reader

RECORDS = (
    "first.ers",
    "first-of-one.ers",
    "lone.ers",
    "restamped-alone.ers",
    "rehashed-lone.ers",
    "rehashed-discarded.ers",
    "three-and-two.ers",
    "three-chains.ers",
)


class Identifier(core.Sequence):
    """An AlgorithmIdentifier whose parameters may be absent: asn1crypto's own writes NULL."""

    _fields = [("algorithm", algos.DigestAlgorithmId), ("parameters", core.Any, {"optional": True})]


class Identifiers(core.SequenceOf):
    _child_spec = Identifier


class ArchiveTimeStampChain(core.SequenceOf):
    """The level that asn1crypto leaves out."""

    _child_spec = tsp.ArchiveTimeStamp


class ArchiveTimeStampSequence(core.SequenceOf):
    _child_spec = ArchiveTimeStampChain


class EvidenceRecord(core.Sequence):
    _fields = [
        ("version", tsp.Version),
        ("digest_algorithms", Identifiers),
        ("archive_time_stamp_sequence", ArchiveTimeStampSequence),
    ]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Artefact]:
    """Those that are good, by name."""
    return sound(World.made(tmp_path_factory.mktemp("encodings")))


@pytest.mark.parametrize("name", RECORDS)
def test_asn1crypto_reads_every_field_and_writes_the_same_octets(records: dict[str, Artefact], name: str) -> None:
    octets = records[name].octets
    parsed = EvidenceRecord.load(octets, strict=True)
    chains = parsed["archive_time_stamp_sequence"]
    ours = reader.read(octets)
    assert [len(one) for one in chains] == [len(one) for one in ours.chains]
    assert tuple(item["algorithm"].native for item in parsed["digest_algorithms"]) == ours.algorithms
    kinds = [
        stamp["time_stamp"]["content"]["encap_content_info"]["content_type"].native
        for stamp in chain.from_iterable(chains)
    ]
    assert set(kinds) == {"tst_info"}
    assert rebuilt(parsed).dump() == octets


@pytest.mark.parametrize("name", RECORDS)
def test_openssl_asn1parse_reads_to_the_last_octet(records: dict[str, Artefact], name: str, tmp_path: Path) -> None:
    octets = records[name].octets
    (tmp_path / "record.ers").write_bytes(octets)
    command = [tool("openssl"), "asn1parse", "-inform", "DER", "-in", str(tmp_path / "record.ers")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr
    first = done.stdout.splitlines()[0]
    head, length = (int(part.strip()) for part in first.split("hl=")[1].split("prim")[0].split("cons")[0].split("l="))
    assert head + length == len(octets)
    (tmp_path / "cut.ers").write_bytes(octets[:-1])
    command[-1] = str(tmp_path / "cut.ers")
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def rebuilt(parsed: EvidenceRecord) -> EvidenceRecord:
    """The same record from the values that were read: every header, list and digest is written anew."""
    return EvidenceRecord(
        {
            "version": parsed["version"].native,
            "digest_algorithms": [{"algorithm": item["algorithm"].native} for item in parsed["digest_algorithms"]],
            "archive_time_stamp_sequence": [
                [archive_timestamp(stamp) for stamp in one] for one in parsed["archive_time_stamp_sequence"]
            ],
        }
    )


def archive_timestamp(parsed: tsp.ArchiveTimeStamp) -> tsp.ArchiveTimeStamp:
    lists = parsed["reduced_hashtree"].native
    fields = {"time_stamp": cms.ContentInfo.load(parsed["time_stamp"].dump(), strict=True)}
    return tsp.ArchiveTimeStamp(fields | ({} if lists is None else {"reduced_hashtree": lists}))
