"""A CA that others wrote: certomancer's lists and answers, over HTTP, are had, kept, and tell what they should."""

from datetime import UTC, datetime

from collecting import HOLDER, Archive, need, reasons
from servers.certomancer import PEOPLE, Certomancer

from archiver.adapters.revocation import HttpRevocation
from archiver.chain import Material, validate
from archiver.collect import When


def test_lists_and_answers_of_a_foreign_ca_are_kept_and_prove_what_they_say(
    certomancer: Certomancer, archive: Archive
) -> None:
    archive.now = datetime.now(UTC)
    needs = [need(certomancer.person(which), certomancer.anchor, kind="signer") for which in PEOPLE]
    found = archive.collect(HttpRevocation(allow_private=True), *needs, when=When.ALWAYS)
    assert reasons(found) == []
    assert (len(found.crls), len(found.ocsps)) == (1, 3)
    assert (len(archive.kept("cer")), len(archive.kept("crl")), len(archive.kept("ocsp"))) == (5, 1, 3)
    for which in PEOPLE:
        certificate = certomancer.person(which)
        kept = archive.collector(None).current(HOLDER, certificate)
        material = Material((certomancer.anchor,), crls=kept.crls, ocsps=kept.ocsps)
        judged = validate(certificate, material, at=archive.now, require_revocation=True, subject=which)
        codes = {item.code for item in judged.verdict.findings}
        assert codes == ({"CERTIFICATE_REVOKED"} if which == "revoked" else set()), which


def test_a_list_of_another_day_is_refused(certomancer: Certomancer, archive: Archive) -> None:
    """Its fake time: the list of 2025, put into a file, is stale today and was good then."""
    old = certomancer.crl("2025-03-03T00:00:00+00:00")
    wanted = need(certomancer.person("asked"), certomancer.anchor, crls=(old,))
    archive.now = datetime(2025, 3, 4, tzinfo=UTC)
    assert archive.collect(None, wanted).crls == (old,)
    archive.now = datetime.now(UTC)
    assert "stale" in reasons(archive.collect(None, wanted))[0]
