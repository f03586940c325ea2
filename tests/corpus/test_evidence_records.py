"""Evidence records that others made, good and bad: each gets the verdict that its name promises, or the reason why not.

Judged at the time of its newest token, with the authorities' own certificates as anchors: they are test authorities,
long expired. The README beside the records tells what the names mean.
"""

from datetime import UTC, datetime
from hashlib import new
from pathlib import Path
from typing import NamedTuple

import pytest
from support.records import anchors, group, records
from support.tools import shared

from archiver.chain import Material
from archiver.errors import Malformed
from archiver.evidence.policy import Policy
from archiver.evidence.record.judge import RecordVerdict, examine, judge
from archiver.evidence.record.reader import read
from archiver.evidence.timestamp import read_token
from archiver.verdict import Indication

PASSED, INDETERMINATE, FAILED = Indication.PASSED, Indication.INDETERMINATE, Indication.FAILED
BSI = "bc-tsp/20170316_Testdaten/BSI TR-ESOR C.2 TestData"
TOOL = "bc-tsp/20170316_Testdaten/Testdaten_ERS-Testool/rfc4998"
EPOCH = datetime(2026, 11, 22, tzinfo=UTC)
COMMON = {"EVIDENCE_TOKEN_VERSION", "GROUP_PARTIAL"}  # very many have both


class Row(NamedTuple):
    """What name or README promise, what is given, how many files of the group are there, and the findings."""

    promised: Indication
    given: Indication
    shown: str
    codes: str
    why: str = ""


TABLE = {
    # as promised: FAILED
    f"{BSI}/ER_NOK_CHAIN.ers": Row(FAILED, FAILED, "1/2", "EVIDENCE_LINK TOKEN_IMPRINT"),
    f"{BSI}/ER_NOK_INIT.ers": Row(FAILED, FAILED, "0/2", "TOKEN_IMPRINT EVIDENCE_NOTHING_SHOWN"),
    f"{BSI}/ER_NOK_SEQ.ers": Row(FAILED, FAILED, "1/2", "TOKEN_IMPRINT EVIDENCE_MEMBER"),
    "ervt/bin/er_nok_wrong_version.er.b64": Row(FAILED, FAILED, "0/0", "EVIDENCE_UNREADABLE"),
    "ervt/bin/example_invalidTSPs.ers.b64": Row(FAILED, FAILED, "0/331", "TOKEN_USAGE EVIDENCE_NOTHING_SHOWN"),
    "ervt/bin/example_wrong_cms_version.ers.b64": Row(
        FAILED, FAILED, "0/1", "EVIDENCE_TOKEN_FORM EVIDENCE_NOTHING_SHOWN"
    ),
    "ervt/bin/mock_wrong_version.er.xml#1": Row(FAILED, FAILED, "0/0", "EVIDENCE_UNREADABLE"),
    "ervt/xaip/xaip_nok.ers.b64": Row(FAILED, FAILED, "1/3", "TOKEN_IMPRINT"),
    "ervt/xaip/xaip_nok_ers_wrong_intermediate_hash.xml#1": Row(FAILED, FAILED, "0/0", "EVIDENCE_UNREADABLE"),
    "tresor-c2/ASIC_E_ER_NOK.asice!META-INF/evidencerecord.ers": Row(FAILED, FAILED, "1/2", "TOKEN_IMPRINT"),
    "tresor-c2/DLXAIP_NOK_ER.xml#1": Row(FAILED, FAILED, "0/0", "EVIDENCE_UNREADABLE"),
    "tresor-c2/DXAIP_NOK_ER.xml#1": Row(FAILED, FAILED, "0/0", "EVIDENCE_UNREADABLE"),
    "tresor-c2/ER_NOK_SHA224_DFN_XAIP_OK_SIG_OK.ers": Row(FAILED, FAILED, "4/5", "TOKEN_IMPRINT"),
    "tresor-c2/ER_NOK_SHA256_DGN_XAIP_OK.ers": Row(FAILED, FAILED, "2/3", "TOKEN_IMPRINT"),
    "tresor-c2/ER_NOK_SHA256_DGN_XAIP_OK_SIG_OK.ers": Row(FAILED, FAILED, "4/5", "TOKEN_IMPRINT"),
    "tresor-c2/ER_NOK_SHA3-224_OPENSSL_XAIP_OK_SIG_OK.ers": Row(
        FAILED, FAILED, "4/5", "TOKEN_IMPRINT ALGORITHM_UNKNOWN"
    ),
    "tresor-c2/ER_NOK_SHA3-256_OPENSSL_XAIP_OK_SIG_OK.ers": Row(FAILED, FAILED, "4/5", "TOKEN_IMPRINT"),
    "tresor-c2/ER_NOK_SHA3-384_OPENSSL_XAIP_OK_SIG_OK.ers": Row(FAILED, FAILED, "4/5", "TOKEN_IMPRINT"),
    "tresor-c2/ER_NOK_SHA3-512_OPENSSL_XAIP_OK_SIG_OK.ers": Row(FAILED, FAILED, "4/5", "TOKEN_IMPRINT"),
    "tresor-c2/ER_NOK_SHA384_DGN_XAIP_OK_SIG_OK.ers": Row(FAILED, FAILED, "4/5", "TOKEN_IMPRINT"),
    "tresor-c2/ER_NOK_SHA512_DGN_XAIP_OK_SIG_OK.ers": Row(FAILED, FAILED, "4/5", "TOKEN_IMPRINT"),
    "tresor-c2/ER_NOK_XAIP_OK_SIG_OK.ers": Row(FAILED, FAILED, "5/5", "TOKEN_IMPRINT"),
    "tresor-c2/LXAIP_NOK_ER.xml#1": Row(FAILED, FAILED, "0/0", "EVIDENCE_UNREADABLE"),
    "tresor-c2/LXAIP_NOK_ER_ADD_03a_003.xml#1": Row(FAILED, FAILED, "2/3", "TOKEN_IMPRINT"),
    "tresor-c2/LXAIP_NOK_ER_SU_06a_001.xml#1": Row(FAILED, FAILED, "2/3", "TOKEN_IMPRINT"),
    "tresor-c2/XAIP_NOK_ER.xml#1": Row(FAILED, FAILED, "0/0", "EVIDENCE_UNREADABLE"),
    # as promised: PASSED
    f"{BSI}/ER_OK_CHAIN.ers": Row(PASSED, PASSED, "1/2", ""),
    f"{BSI}/ER_OK_INIT.ers": Row(PASSED, PASSED, "1/2", ""),
    f"{BSI}/ER_OK_SEQ.ers": Row(PASSED, PASSED, "1/2", ""),
    f"{TOOL}/1Chain1ATS/BIN_ER.ers": Row(PASSED, PASSED, "1/2", ""),
    f"{TOOL}/1Chain2ATS/BIN_ER.ers": Row(PASSED, PASSED, "1/2", ""),
    f"{TOOL}/2Chains3ATS/BIN_ER.ers": Row(PASSED, PASSED, "1/2", ""),
    "bc-tsp/BIN_ER.ers": Row(PASSED, PASSED, "1/2", ""),
    "ervt/bin/ATS1_BIN_ER.ers.b64": Row(PASSED, PASSED, "1/1998", ""),
    "ervt/bin/ER_SHA256-DGN_XAIP_OK_SC1.ers": Row(PASSED, PASSED, "1/1", ""),
    "ervt/bin/erDataMSOS-001.ers.b64": Row(PASSED, PASSED, "1/1", ""),
    "ervt/bin/example.er.xml#1": Row(PASSED, PASSED, "4/4", ""),
    "ervt/bin/example.ers.b64": Row(PASSED, PASSED, "4/4", ""),
    "ervt/cms/er_for_encapsulated_with_er.ers.b64": Row(PASSED, PASSED, "1/1", ""),
    "ervt/lxaip/lxaip_ok.ers.xml#1": Row(PASSED, PASSED, "4/4", ""),
    "ervt/lxaip/lxaip_ok_er.xml#1": Row(PASSED, PASSED, "2/4", ""),
    "ervt/lxaip/lxaip_ok_er_cred.xml#1": Row(PASSED, PASSED, "4/5", ""),
    "ervt/lxaip/lxaip_ok_er_metadata.xml#1": Row(PASSED, PASSED, "2/4", ""),
    "ervt/requests/verify_lxaip_cred_ok_ers.txt#1": Row(PASSED, PASSED, "4/5", ""),
    "ervt/requests/verify_lxaip_meta_ok_ers.txt#1": Row(PASSED, PASSED, "1/4", ""),
    "ervt/requests/verify_lxaip_ok_ers.txt#1": Row(PASSED, PASSED, "2/4", ""),
    "ervt/requests/verify_xaip_ok_ers.txt#1": Row(PASSED, PASSED, "3/4", ""),
    "ervt/requests/verify_xaip_ok_multi_cred_ers.txt#1": Row(PASSED, PASSED, "5/6", ""),
    "ervt/requests/verify_xaip_ok_multi_cred_ers.txt#2": Row(PASSED, PASSED, "4/5", ""),
    "ervt/requests/verify_xaip_ok_multi_cred_ers.txt#3": Row(PASSED, PASSED, "3/3", ""),
    "ervt/sorted/XAIP_SORTED_SHA512_GOVTSP.xml#1": Row(PASSED, PASSED, "4/4", "EVIDENCE_SORTED_RENEWAL"),
    "ervt/xaip/xaip_ok.er.xml#1": Row(PASSED, PASSED, "4/4", ""),
    "ervt/xaip/xaip_ok.ers": Row(PASSED, PASSED, "4/4", ""),
    "ervt/xaip/xaip_ok.ers.b64": Row(PASSED, PASSED, "4/4", ""),
    "ervt/xaip/xaip_ok.rehashed.ers.b64": Row(PASSED, PASSED, "4/4", ""),
    "ervt/xaip/xaip_ok_2_er_resigned.xml#1": Row(PASSED, PASSED, "4/4", ""),
    "ervt/xaip/xaip_ok_er_resigned.xml#1": Row(PASSED, PASSED, "4/4", ""),
    "ervt/xaip/xaip_ok_ers.xml#1": Row(PASSED, PASSED, "4/4", ""),
    "ervt/xaip/xaip_ok_ers_intermediate_hash.xml#1": Row(PASSED, PASSED, "7/7", "EVIDENCE_NODE_LISTED"),
    "ervt/xaip/xaip_ok_ers_multiple_credentials.xml#1": Row(PASSED, PASSED, "9/9", ""),
    "ervt/xaip/xaip_ok_ers_namespace.xml#1": Row(PASSED, PASSED, "4/4", ""),
    "ervt/xaip/xaip_ok_ers_resigned.b64": Row(PASSED, PASSED, "4/4", ""),
    "ervt/xaip/xaip_ok_qualified.ers": Row(PASSED, PASSED, "4/4", ""),
    "ervt/xaip/xaip_ok_qualified.ers.b64": Row(PASSED, PASSED, "4/4", ""),
    "ervt/xaip/xaip_ok_qualified_dtrust.ers": Row(PASSED, PASSED, "4/4", ""),
    "ervt/xaip/xaip_ok_resigned_and_rehashed.xml#1": Row(PASSED, PASSED, "4/4", ""),
    "ervt/xaip/xaip_ok_sig_ers_2version.xml#1": Row(PASSED, PASSED, "6/6", ""),
    "ervt/xaip/xaip_ok_sig_ers_2version.xml#2": Row(PASSED, PASSED, "6/6", ""),
    "ervt/xaip/xaip_ok_sig_ok.ers.b64": Row(PASSED, PASSED, "3/7", ""),
    "ervt/xaip/xaip_ok_sig_ok_v1_extra_pp_v2.xml#1": Row(PASSED, PASSED, "5/5", ""),
    "ervt/xaip/xaip_ok_single_protected_data_object.er.xml#1": Row(PASSED, PASSED, "1/1", ""),
    "ervt/xaip/xaip_ok_single_protected_data_object.xml#1": Row(PASSED, PASSED, "1/1", ""),
    "ervt/xaip/xaip_ok_single_protected_data_object_2xresigned.xml#1": Row(PASSED, PASSED, "1/1", ""),
    "ervt/xaip/xaip_ok_single_protected_data_object_resigned.xml#1": Row(PASSED, PASSED, "1/1", ""),
    "ervt/xaip/xaip_ok_single_protected_data_object_resigned_and_rehased.xml#1": Row(PASSED, PASSED, "1/1", ""),
    "ervt/xaip/xaip_ok_single_protected_data_object_resigned_and_rehased_and_resigned.xml#1": Row(
        PASSED, PASSED, "1/1", ""
    ),
    "ervt/xaip/xaip_xml_meta.ers": Row(PASSED, PASSED, "4/4", ""),
    "tresor-c2/ASIC_E_ER_OK.asice!META-INF/evidencerecord.ers": Row(PASSED, PASSED, "2/2", ""),
    "tresor-c2/ASIC_S_ER_OK.asics!META-INF/evidencerecord.ers": Row(PASSED, PASSED, "1/2", ""),
    "tresor-c2/ER_OK_SHA224_DFN_XAIP_OK_SIG_OK.ers": Row(PASSED, PASSED, "5/5", ""),
    "tresor-c2/ER_OK_SHA256_DGN_XAIP_OK_SIG_OK.ers": Row(PASSED, PASSED, "5/5", ""),
    "tresor-c2/ER_OK_SHA3-256_OPENSSL_XAIP_OK_SIG_OK.ers": Row(PASSED, PASSED, "5/5", ""),
    "tresor-c2/ER_OK_SHA3-384_OPENSSL_XAIP_OK_SIG_OK.ers": Row(PASSED, PASSED, "5/5", ""),
    "tresor-c2/ER_OK_SHA3-512_OPENSSL_XAIP_OK_SIG_OK.ers": Row(PASSED, PASSED, "5/5", ""),
    "tresor-c2/ER_OK_SHA384_DGN_XAIP_OK_SIG_OK.ers": Row(PASSED, PASSED, "5/5", ""),
    "tresor-c2/ER_OK_SHA512_DGN_XAIP_OK_SIG_OK.ers": Row(PASSED, PASSED, "5/5", ""),
    "tresor-c2/ER_SHA256-DGN_XAIP_OK_SC1.ers": Row(PASSED, PASSED, "1/1", ""),
    "tresor-c2/ER_SHA256-DGN_XAIP_OK_SC2.ers": Row(PASSED, PASSED, "1/1", ""),
    # SHA-1 has not been good for evidence since 2012 (ETSI TS 119 312); OK and NOK are the same octets
    "tresor-c2/ER_NOK_SHA1_DFN_XAIP_OK_SIG_OK.ers": Row(
        FAILED,
        INDETERMINATE,
        "5/5",
        "ALGORITHM_SPENT",
        why=("SHA-1 has not been good for evidence since 2012 (ETSI TS 119 312); OK and NOK are the same octets"),
    ),
    # a strict checker refuses it, the README says; it is read, with a warning
    "ervt/bin/ER_DOUBLE_HASHED_FOR_TXT_DATA.ers": Row(
        FAILED,
        PASSED,
        "1/1",
        "EVIDENCE_DOUBLE_HASHED",
        why=("a strict checker refuses it, the README says; it is read, with a warning"),
    ),
    "ervt/xaip/xaip_double_hashed_er.ers": Row(
        FAILED,
        PASSED,
        "1/1",
        "EVIDENCE_DOUBLE_HASHED",
        why=("a strict checker refuses it, the README says; it is read, with a warning"),
    ),
    "tresor-c2/ER_SHA256-DGN_XAIP_OK_SC3.ers": Row(
        FAILED,
        PASSED,
        "1/1",
        "EVIDENCE_DOUBLE_HASHED",
        why=("a strict checker refuses it, the README says; it is read, with a warning"),
    ),
    # octet for octet the record and the document of ASIC_S_ER_OK
    "tresor-c2/ASIC_S_ER_NOK.asics!META-INF/evidencerecord.ers": Row(
        FAILED, PASSED, "1/2", "", why=("octet for octet the record and the document of ASIC_S_ER_OK")
    ),
    # wrong is a digest in the XML around it; the record and what it covers are the ones of lxaip_ok
    "ervt/lxaip/lxaip_wrong_digest.xml#1": Row(
        FAILED,
        PASSED,
        "2/4",
        "",
        why=("wrong is a digest in the XML around it; the record and what it covers are the ones of lxaip_ok"),
    ),
    # wrong is a reference in the XML around it; the record and what it covers are the ones of lxaip_ok
    "ervt/lxaip/lxaip_wrong_uri.xml#1": Row(
        FAILED,
        PASSED,
        "2/4",
        "",
        why=("wrong is a reference in the XML around it; the record and what it covers are the ones of lxaip_ok"),
    ),
    # wrong is the name in the XML around it; the record and its data are those of xaip_ok
    "ervt/xaip/xaip_nok_ers_wrong_aoid.xml#1": Row(
        FAILED,
        PASSED,
        "4/4",
        "",
        why=("wrong is the name in the XML around it; the record and its data are those of xaip_ok"),
    ),
    # one ArchiveTimeStamp alone, without an EvidenceRecord around it
    "ervt/sorted/ArchiveTimeStamp_sorted.b64": Row(
        PASSED,
        FAILED,
        "0/0",
        "EVIDENCE_UNREADABLE",
        why=("one ArchiveTimeStamp alone, without an EvidenceRecord around it"),
    ),
    # SHA-1 has not been good for evidence since 2012 (ETSI TS 119 312); OK and NOK are the same octets
    "tresor-c2/ER_OK_SHA1_DFN_XAIP_OK_SIG_OK.ers": Row(
        PASSED,
        INDETERMINATE,
        "5/5",
        "ALGORITHM_SPENT",
        why=("SHA-1 has not been good for evidence since 2012 (ETSI TS 119 312); OK and NOK are the same octets"),
    ),
    # SHA3-224 is not in the catalogue (ETSI TS 119 312)
    "tresor-c2/ER_OK_SHA3-224_OPENSSL_XAIP_OK_SIG_OK.ers": Row(
        PASSED, INDETERMINATE, "5/5", "ALGORITHM_UNKNOWN", why=("SHA3-224 is not in the catalogue (ETSI TS 119 312)")
    ),
    # its data is not in the corpus
    "ervt/bin/basis_ers.b64": Row(
        PASSED, INDETERMINATE, "0/1", "EVIDENCE_NOTHING_SHOWN", why=("its data is not in the corpus")
    ),
    # its newest token is signed over SHA-1, in 2018
    f"{TOOL}/1Chain2ATS/testRenewal.ers": Row(
        PASSED, INDETERMINATE, "1/2", "ALGORITHM_SPENT", why=("its newest token is signed over SHA-1, in 2018")
    ),
}


@pytest.fixture(scope="module")
def folder() -> Path:
    return shared("corpus/er")


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, bytes]:
    return records(folder)


def judged(name: str, octets: bytes, folder: Path, *, spoil: bool = False) -> tuple[RecordVerdict, str]:
    try:
        record = read(octets)
    except Malformed:
        return judge(octets, Policy(), members={"x": {}}, at=EPOCH, subject=name), "0/0"
    data, total = group(name, record, folder)
    policy = Policy(Material(anchors(record)))
    at = max(read_token(stamp.token).gen_time for chain in record.chains for stamp in chain)
    algorithms = examine(octets, policy, at=at, subject=name).algorithms
    members = {
        str(place): {algorithm: new(algorithm, item + b"!" * spoil).digest() for algorithm in algorithms}
        for place, item in enumerate(data)
    }
    partial = len(data) < total
    return judge(octets, policy, members=members, partial=partial, at=at, subject=name), f"{len(data)}/{total}"


@pytest.mark.parametrize("name", TABLE)
def test_each_record_gets_the_verdict_that_its_name_promises(name: str, folder: Path, found: dict[str, bytes]) -> None:
    row = TABLE[name]
    result, shown = judged(name, found[name], folder)
    codes = {item.code: None for item in result.verdict.findings if item.code not in COMMON}
    assert (result.verdict.indication, shown, " ".join(codes)) == (row.given, row.shown, row.codes)
    assert row.promised is row.given or row.why


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.given is PASSED])
def test_none_passes_with_other_data(name: str, folder: Path, found: dict[str, bytes]) -> None:
    result, _ = judged(name, found[name], folder, spoil=True)
    assert result.verdict.indication is FAILED


def test_every_record_of_the_corpus_is_in_the_table(found: dict[str, bytes]) -> None:
    assert set(found) == set(TABLE)


def test_no_xml_record_passes(folder: Path) -> None:
    names = [path for path in folder.rglob("*.xml") if path.name.endswith((".er.xml", ".ers.xml"))]
    assert names
    for path in names:
        result = judge(path.read_bytes(), Policy(), members={"x": {}}, at=EPOCH, subject=path.name)
        assert [item.code for item in result.verdict.findings] == ["EVIDENCE_FORMAT"], path
        assert result.verdict.indication is INDETERMINATE
