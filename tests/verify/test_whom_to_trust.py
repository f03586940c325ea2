"""Who vouches for a verdict, and until when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from support.small import EVENING, HOLDER, HOUR, MAILBOX, ORDINARY, Small, ingest, look, make, said, seal

from archiver.adapters import authority
from archiver.chain import Material, validate
from archiver.compose import material
from archiver.digest import sha256
from archiver.evidence.cms import open_signed
from archiver.evidence.policy import Policy
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.verdict import Indication, Severity
from archiver.verify import Report, Trust, judge_member, judge_volume

YEAR = timedelta(days=365)
MADE = datetime(2026, 1, 1, tzinfo=UTC)  # of the small archive's authority: CA 30 years, TSA 10, seal 3
GRAVE = (Severity.ERROR, Severity.DOUBT)


def test_without_trust_from_outside_the_package_vouches_for_itself_and_says_so(small: Small) -> None:
    report = small.judge(trust=Trust(Providers()))
    assert (report.indication, codes(report)) == (Indication.PASSED, {"ANCHOR_FROM_PACKAGE"})
    fingerprints = {dict(found.values)["fingerprint"] for found in report.verdict.findings}
    assert fingerprints == {
        sha256(octets) for octets in (*small.trust.policy.material.anchors, *small.trust.providers.anchors)
    }
    assert report.content == small.judge().content


def test_the_same_holds_for_one_volume_and_for_one_message(small: Small) -> None:
    volume, nobody = small.volumes[1], Trust(Providers())
    alone = judge_volume(small.files, HOLDER, volume, trust=nobody, at=EVENING + HOUR)
    assert (alone.indication, codes(alone)) == (Indication.PASSED, {"ANCHOR_FROM_PACKAGE"})
    member = judge_member(ORDINARY, "x.eml", small.files, HOLDER, volume, trust=nobody, at=EVENING + HOUR)
    assert (member.indication, codes(member)) == (Indication.PASSED, {"ANCHOR_FROM_PACKAGE", "GROUP_PARTIAL"})


def test_a_strict_judge_leaves_open_what_only_the_package_vouches_for(small: Small) -> None:
    report = small.judge(trust=Trust(Providers(), strict=True))
    assert (report.indication, report.verdict.sub_indication) == (
        Indication.INDETERMINATE,
        "NO_CERTIFICATE_CHAIN_FOUND",
    )
    assert small.judge(trust=replace(small.trust, strict=True)).indication is Indication.PASSED


def test_a_package_without_any_ca_is_left_open(small: Small) -> None:
    names = [name for name in small.files.kind(Kind.TRUST) if name.endswith(".cer")]
    bare = small.judge(small.files.but(dict.fromkeys(names)), trust=Trust(Providers()))
    assert "ANCHOR_ABSENT" in codes(bare)
    assert bare.indication is Indication.FAILED  # the index promises them


def test_the_anchors_of_somebody_else_pass_nothing(small: Small, tmp_path: Path) -> None:
    authority.create(tmp_path / "ca", at=MADE, holder_name="qualcun altro")
    other = material.certificates(tmp_path / "ca" / "ca.pem")
    report = small.judge(trust=Trust(small.trust.providers, Policy(Material(other))))
    assert (report.indication, codes(report)) == (Indication.INDETERMINATE, {"CHAIN_NOT_FOUND"})
    assert subjects(report) >= {*small.files.kind(Kind.INDEX), *small.files.kind(Kind.VOLUME_RECORD)}


@pytest.mark.parametrize(
    ("later", "indication"),
    [
        (4 * YEAR, Indication.PASSED),  # the seal's certificate ended: the time stamps prove that it sealed before
        (9 * YEAR, Indication.PASSED),
        (11 * YEAR, Indication.INDETERMINATE),  # the authority's ended, and nobody renewed
        (31 * YEAR, Indication.INDETERMINATE),
    ],
)
def test_time_passes_over_the_certificates(small: Small, later: timedelta, indication: Indication) -> None:
    report = small.judge(at=MADE + later)
    assert report.indication is indication
    if indication is Indication.INDETERMINATE:
        grave = {(item.code, item.subject) for item in report.verdict.findings if item.severity in GRAVE}
        overdue = {("TOKEN_RENEWAL_OVERDUE", name) for name in records(small)}
        seals = {("CERTIFICATE_EXPIRED", name) for name in small.files.kind(Kind.INDEX)}  # nothing proves them any more
        assert overdue | seals <= grave
        assert {code for code, _ in grave} == {"TOKEN_RENEWAL_OVERDUE", "CERTIFICATE_EXPIRED"}
        assert report.verdict.sub_indication == "OUT_OF_BOUNDS_NO_POE"
        assert f"{MADE + 10 * YEAR}"[:10] in report.verdict.findings[0].text("it")


def test_a_list_of_revocations_that_is_broken_anywhere_is_passed_over(small: Small) -> None:
    (name,) = [name for name in small.files.kind(Kind.TRUST) if name.endswith(".crl")]
    (ca,), octets = small.trust.policy.material.anchors, small.files[name]
    seal = open_signed(small.files[small.files.kind(Kind.INDEX)[0]]).certificate
    assert seal
    for place in range(len(octets)):
        broken = octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :]
        judged = validate(seal, Material((ca,), crls=(broken,)), at=EVENING, subject="seal")
        assert judged.verdict.indication is Indication.PASSED, place


def test_before_it_was_stamped_nothing_is_proven(small: Small) -> None:
    report = small.judge(at=EVENING - 24 * HOUR)
    assert (report.indication, "TOKEN_FROM_FUTURE" in codes(report)) == (Indication.INDETERMINATE, True)


def test_a_seal_without_its_own_time_stamp_is_carried_by_the_evidence(tmp_path: Path) -> None:
    """Level B-B: the record proves when the seal was there, also after its certificate ended."""
    folder = tmp_path / "archive"
    make(folder, sealed=False)
    config = folder / "archiver.toml"
    config.write_text(config.read_text(encoding="utf-8").replace('level = "B-T"', 'level = "B-B"'), encoding="utf-8")
    bare = again(folder)
    for at in (EVENING + HOUR, MADE + 4 * YEAR):
        report = bare.judge(at=at)
        assert (report.indication, codes(report)) == (Indication.PASSED, {"SEAL_WITHOUT_TIMESTAMP"})
        (volume,) = bare.volumes
        member = judge_member(ORDINARY, "x.eml", bare.files, HOLDER, volume, trust=bare.trust, at=at)
        assert member.indication is Indication.PASSED
    without = bare.files.but(dict.fromkeys(records(bare)))
    assert "CERTIFICATE_EXPIRED" in codes(bare.judge(without, at=MADE + 4 * YEAR))


def test_a_message_stands_with_its_volume_though_the_key_of_the_seal_was_stolen_later(tmp_path: Path) -> None:
    """Level B-B: what the evidence proves before the theft is not spoilt by it."""
    folder = tmp_path / "archive"
    make(folder, sealed=False)
    config = folder / "archiver.toml"
    config.write_text(config.read_text(encoding="utf-8").replace('level = "B-T"', 'level = "B-B"'), encoding="utf-8")
    bare = again(folder)
    (volume,) = bare.volumes
    for stolen, indication in ((EVENING + HOUR, Indication.PASSED), (EVENING - HOUR, Indication.FAILED)):
        crls = (compromised(folder, stolen),)
        trust = replace(bare.trust, policy=bare.trust.policy.plus(crls=crls))
        member = judge_member(ORDINARY, "x.eml", bare.files, HOLDER, volume, trust=trust, at=MADE + YEAR)
        assert member.indication is indication


def test_a_seal_revoked_before_its_rapporto_had_evidence_does_not_keep_the_volume_open(tmp_path: Path) -> None:
    """A night was cut between the rapporto and its evidence, and another certificate seals since."""
    folder = tmp_path / "archive"
    make(folder, sealed=False)
    with (folder / "archiver.toml").open("a", encoding="utf-8") as config:
        config.write("\n[rdv]\nsign = true\n")
    ingest(folder, [ORDINARY], at=EVENING - HOUR)
    crls = (compromised(folder, EVENING - HOUR / 2),)
    succeeded(folder / "ca", at=EVENING - HOUR / 4)
    pending = look(folder)
    (name,) = pending.files.kind(Kind.RDV)
    trust = replace(pending.trust, policy=pending.trust.policy.plus(crls=crls))
    open_still = pending.judge(trust=trust, at=EVENING)
    assert (open_still.indication, said(open_still)) == (
        Indication.INDETERMINATE,
        {("RDV_SEAL_UNPROVEN", name), ("RDV_NOT_COVERED", name)},
    )
    seal(folder)
    sealed = look(folder)
    for at in (EVENING + HOUR, MADE + YEAR):
        report = sealed.judge(trust=trust, at=at)
        assert (report.indication, said(report)) == (Indication.PASSED, {("RDV_SEAL_REVOKED", name)})
        (volume,) = sealed.volumes
        member = judge_member(ORDINARY, "x.eml", sealed.files, HOLDER, volume, trust=trust, at=at)
        assert member.indication is Indication.PASSED


def succeeded(ca: Path, *, at: datetime) -> None:
    """The archive's own CA gives its seal another key and certificate."""
    issuer, old = (x509.load_pem_x509_certificate((ca / f"{name}.pem").read_bytes()) for name in ("ca", "seal"))
    key, signing = generate_private_key(SECP256R1()), load_pem_private_key((ca / "ca.key").read_bytes(), None)
    builder = x509.CertificateBuilder(issuer.subject, old.subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(at).not_valid_after(at + YEAR)
    for extension in old.extensions:
        if not isinstance(extension.value, x509.SubjectKeyIdentifier):
            builder = builder.add_extension(extension.value, extension.critical)
    made = builder.sign(signing, hashes.SHA256())  # type: ignore[arg-type]
    (ca / "seal.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (ca / "seal.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def compromised(folder: Path, stolen: datetime) -> bytes:
    """The list (DER) of the archive's own CA on which its seal's key was stolen."""
    ca, sealing = (
        x509.load_pem_x509_certificate((folder / "ca" / f"{name}.pem").read_bytes()) for name in ("ca", "seal")
    )
    key = load_pem_private_key((folder / "ca" / "ca.key").read_bytes(), None)
    entry = x509.RevokedCertificateBuilder(sealing.serial_number, stolen)
    entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
    made = stolen + HOUR
    builder = x509.CertificateRevocationListBuilder(ca.subject, made, made + YEAR).add_revoked_certificate(
        entry.build()
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)  # type: ignore[arg-type]


def test_the_first_proof_of_existence_is_that_of_the_record(small: Small) -> None:
    volume = small.volumes[0]
    report = judge_volume(small.files, HOLDER, volume, trust=small.trust, at=EVENING + HOUR)
    assert report.proven == {layout.volume_record(HOLDER, volume, tsa="local", number=1): EVENING}


def test_a_rapporto_with_a_seal_is_carried_by_its_own_evidence(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    make(folder, sealed=False)
    with (folder / "archiver.toml").open("a", encoding="utf-8") as config:
        config.write("\n[rdv]\nsign = true\n")
    signed = again(folder)
    (name,) = signed.files.kind(Kind.RDV)
    assert name.startswith(f"{HOLDER}/pdv/{MAILBOX}/")
    assert name.endswith(".xml.p7m")
    for at in (EVENING + HOUR, MADE + 4 * YEAR):
        assert signed.judge(at=at).indication is Indication.PASSED
    without = signed.files.but(dict.fromkeys(records(signed)))
    assert ("RDV_SEAL_LATE", name) in {
        (item.code, item.subject) for item in signed.judge(without, at=MADE + 4 * YEAR).verdict.findings
    }


def again(folder: Path) -> Small:
    """One message, taken in and sealed under the configuration as it is now."""
    ingest(folder, [ORDINARY], at=EVENING - HOUR)
    seal(folder)
    return look(folder)


def records(small: Small) -> list[str]:
    """Every evidence record."""
    return small.files.kind(Kind.VOLUME_RECORD) + small.files.kind(Kind.RDV_RECORD)


def codes(report: Report) -> set[str]:
    """What was found."""
    return {code for code, _ in said(report)}


def subjects(report: Report) -> set[str]:
    """About what it was found."""
    return {found.subject for found in report.verdict.findings}
