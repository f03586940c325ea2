"""archiver.evidence.completion: validation data come into a token, and its signature does not notice."""

import hashlib
import subprocess
from pathlib import Path

import pytest
from asn1crypto import cms
from support.answers import answer
from support.tools import tool

from archiver.chain import Material
from archiver.errors import Malformed
from archiver.evidence.bag import Bag
from archiver.evidence.completion import completed
from archiver.evidence.hashtree import Tree
from archiver.evidence.policy import Policy
from archiver.evidence.record import builder, renewal
from archiver.evidence.record.continued import continues
from archiver.evidence.record.judge import judge
from archiver.evidence.timestamp import judge_token, read_token, token_of
from archiver.verdict import Indication

from .conftest import DAY, NOW, House, Liar, issue, revocations
from .test_signature import in_ber

IMPRINT = hashlib.sha512(b"un messaggio").digest()


@pytest.fixture
def token(liar: Liar) -> bytes:
    return token_of(liar.tell(IMPRINT), algorithm="sha512", imprint=IMPRINT, nonce=7, at=NOW)


@pytest.fixture
def crl(liar: Liar) -> bytes:
    return revocations(liar.ca, {}, NOW)


@pytest.fixture
def ocsp(liar: Liar) -> bytes:
    ca = liar.ca
    return answer(liar.tsa.certificate, ca.certificate, by=ca.certificate, key=ca.key, made=NOW + DAY)


def passes(token: bytes, liar: Liar) -> bool:
    """With revocation required, and nothing at hand but the CA and the token itself."""
    policy = Policy(Material((liar.ca.der,)), require_revocation=True)
    asked = {"algorithm": "sha512", "data_digest": IMPRINT, "at": NOW + DAY, "subject": "t"}
    return judge_token(read_token(token), policy, **asked).indication is Indication.PASSED


def test_a_completed_token_proves_by_itself_that_its_certificate_was_good(token, crl, ocsp, liar):
    assert not passes(token, liar)
    assert passes(completed(token, crls=[crl]), liar)
    assert passes(completed(token, ocsps=[ocsp]), liar)
    assert read_token(completed(token, ocsps=[ocsp])).ocsps == (ocsp,)


def test_nothing_but_the_bag_and_the_version_changes(token, crl, ocsp, liar):
    before = Bag.of(token)
    after = Bag.of(completed(token, certificates=[liar.ca.der], crls=[crl], ocsps=[ocsp]))
    assert (after.kind, after.head, after.tail) == (before.kind, before.head, before.tail)
    assert set(after.certificates) == {*before.certificates, liar.ca.der}
    assert crl in after.crls
    assert (before.version, after.version) == (3, 5)


def test_the_same_once_more_changes_nothing_and_order_does_not_matter(token, crl, ocsp, liar):
    other = revocations(issue("Altra"), {}, NOW)
    once = completed(token, certificates=[liar.ca.der], crls=[crl, other], ocsps=[ocsp])
    assert completed(once, certificates=[liar.ca.der, liar.tsa.der], crls=[other], ocsps=[ocsp]) == once
    assert completed(completed(token, ocsps=[ocsp]), certificates=[liar.ca.der], crls=[other, crl]) == once
    assert completed(once) == once


def test_the_sets_are_in_the_order_of_der_whatever_the_authority_left(liar):
    """Others encode a token again before they hash it; then only sorted sets give the same octets."""
    many = [issue(f"CA {number}") for number in range(5)]
    bag = sorted((one.der for one in many), reverse=True)
    lists = sorted((revocations(one, {}, NOW) for one in many), reverse=True)
    reply = liar.tell(IMPRINT, certificates=(*bag, liar.tsa.der))
    token = token_of(reply, algorithm="sha512", imprint=IMPRINT, nonce=7, at=NOW)
    done = Bag.of(completed(token, crls=lists))
    assert list(done.certificates) == sorted({*bag, liar.tsa.der})
    assert list(done.crls) == lists[::-1]
    assert list(Bag.of(completed(token)).certificates) == sorted({*bag, liar.tsa.der})


def encoded_again(token: bytes) -> bytes:
    """As asn1crypto writes it, which sorts its sets."""
    info = cms.ContentInfo.load(token)
    return cms.ContentInfo.load(info.dump(force=True)).dump(force=True)


def test_what_others_encode_again_is_the_same_octets(token, crl, ocsp, liar):
    done = completed(token, certificates=[liar.ca.der], crls=[crl], ocsps=[ocsp])
    assert encoded_again(done) == done


@pytest.mark.parametrize("spoil", [lambda item: b"", lambda item: item[:-1], lambda item: item + b"\0", in_ber])
def test_what_is_not_der_is_not_laid_into_it(token, crl, spoil):
    with pytest.raises(Malformed):
        completed(token, crls=[spoil(crl)])
    with pytest.raises(Malformed):
        completed(spoil(token), crls=[crl])


def test_openssl_still_verifies_it(token, crl, liar, tmp_path: Path):
    """Its certificates and CRLs are read by openssl too; OCSP answers in the bag `openssl ts` cannot read at all."""
    files = {
        "ca.der": liar.ca.der,
        "plain.tst": token,
        "lists.tst": completed(token, certificates=[liar.ca.der], crls=[crl]),
    }
    for name, octets in files.items():
        (tmp_path / name).write_bytes(octets)
    openssl, run = tool("openssl"), {"cwd": tmp_path, "capture_output": True, "text": True, "check": False}
    subprocess.run([openssl, "x509", "-inform", "DER", "-in", "ca.der", "-out", "ca.pem"], **run)
    for name in ("plain.tst", "lists.tst"):
        asked = f"ts -verify -token_in -in {name} -digest {IMPRINT.hex()} -CAfile ca.pem -attime {int(NOW.timestamp())}"
        found = subprocess.run([openssl, *asked.split()], **run)
        assert "Verification: OK" in found.stdout, found.stderr


def test_openssl_still_verifies_the_signature_over_ocsp_answers_in_the_bag(token, crl, ocsp, liar, tmp_path: Path):
    (tmp_path / "all.tst").write_bytes(completed(token, certificates=[liar.ca.der], crls=[crl], ocsps=[ocsp]))
    (tmp_path / "ca.der").write_bytes(liar.ca.der)
    openssl, run = tool("openssl"), {"cwd": tmp_path, "capture_output": True, "check": False}
    subprocess.run([openssl, "x509", "-inform", "DER", "-in", "ca.der", "-out", "ca.pem"], **run)
    asked = f"cms -verify -inform DER -in all.tst -CAfile ca.pem -purpose timestampsign -attime {int(NOW.timestamp())}"
    found = subprocess.run([openssl, *asked.split()], **run)
    assert b"successful" in found.stderr, found.stderr
    assert IMPRINT in found.stdout


def test_a_record_whose_newest_token_was_completed_still_holds_and_continues(house: House):
    digests = [hashlib.sha512(data).digest() for data in (b"uno", b"due")]
    tree = Tree.build(digests)
    record = builder.initial(digests[:1], tree.path(0), house.stamp("sha512", tree.root))
    done = renewal.complete(record, certificates=[house.anchor], crls=[house.crl])
    policy = Policy(Material((house.anchor,)), require_revocation=True)
    members = {"uno": {"sha512": digests[0]}}
    assert judge(record, policy, members=members, at=NOW, subject="r").verdict.indication is Indication.INDETERMINATE
    assert judge(done, policy, members=members, at=NOW, subject="r").verdict.indication is Indication.PASSED
    assert renewal.complete(done, crls=[house.crl]) == done
    assert continues(record, done, "r") is None
    assert continues(done, record, "r") is not None, "what the bag held is gone"
