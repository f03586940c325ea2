"""archiver.evidence.accepted: which authorities were qualified, and when."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from support.lists import CA_QC, TSA, Service, trusted_list

from archiver.chain import Material
from archiver.digest import sha256
from archiver.errors import Malformed
from archiver.evidence.accepted import NO_LIST, Accepted
from archiver.evidence.policy import Policy
from archiver.evidence.timestamp import judge_token, read_token, token_of
from archiver.verdict import Indication

from .conftest import DAY, NOW, Issued, Liar, issue

YEAR = timedelta(days=365)
USAGE = [ExtendedKeyUsageOID.TIME_STAMPING]
SINCE = NOW - 3 * YEAR
GRANTED = [("granted", SINCE)]


@pytest.fixture(scope="module")
def ca() -> Issued:
    return issue("CA delle marche")


@pytest.fixture(scope="module")
def unit(ca: Issued) -> Issued:
    return issue("Unità 1", ca, usage=USAGE)


def read(*services: Service, issued: datetime = NOW - DAY, until: datetime | None = NOW + 180 * DAY) -> Accepted:
    return Accepted.read(trusted_list(services, issued=issued, until=until), "elenco.xml")


def test_without_any_list_nothing_is_known(unit, ca):
    assert NO_LIST.status(unit.der, (ca.der,), NOW) == "unknown"


def test_an_authority_is_found_by_its_own_certificate_or_by_one_above_it(unit, ca):
    for listed in (unit, ca):
        accepted = read(Service([listed.der], GRANTED))
        assert accepted.status(unit.der, (unit.der, ca.der), NOW) == "qualified"
    stranger = issue("Altra CA")
    other = issue("Unità 1", stranger, usage=USAGE)
    assert read(Service([unit.der], GRANTED)).status(other.der, (other.der, stranger.der), NOW) == "unqualified"


def test_an_authority_whose_certificate_was_made_anew_for_the_same_key_is_the_same(unit, ca):
    renewed = issue("CA delle marche", key=ca.key, end=NOW + 9 * YEAR)
    assert read(Service([ca.der], GRANTED)).status(unit.der, (unit.der, renewed.der), NOW) == "qualified"
    namesake = issue("CA delle marche")
    assert read(Service([ca.der], GRANTED)).status(unit.der, (unit.der, namesake.der), NOW) == "unqualified"


@pytest.mark.parametrize(
    ("years", "status"),
    [
        (-7, "unqualified"),
        (-6, "qualified"),
        (-5, "qualified"),
        (-3.5, "unqualified"),
        (-2, "qualified"),
        (-1, "unqualified"),
        (0, "unqualified"),
    ],
)
def test_the_history_is_walked_to_the_moment_asked_for(unit, years, status):
    history = [
        ("withdrawn", NOW - YEAR),
        ("granted", NOW - 3 * YEAR),
        ("withdrawn", NOW - 4 * YEAR),
        ("granted", NOW - 6 * YEAR),
    ]
    assert read(Service([unit.der], history)).status(unit.der, (), NOW + years * YEAR) == status


@pytest.mark.parametrize("state", ["supervisionincessation", "recognisedatnationallevel", "granted-not", "GRANTED"])
def test_only_what_is_granted_is_qualified(unit, state):
    assert read(Service([unit.der], [(state, SINCE)])).status(unit.der, (), NOW) == "unqualified"


@pytest.mark.parametrize("kind", [TSA, CA_QC])
def test_services_of_another_type_qualify_no_time_stamp(unit, kind):
    assert read(Service([unit.der], GRANTED, kind=kind)).status(unit.der, (), NOW) == "unqualified"


def test_what_was_granted_as_another_type_of_service_counts_only_since_it_is_one_for_qualified_time_stamps(unit):
    octets = trusted_list([Service([unit.der], [("granted", NOW - YEAR), *GRANTED])], issued=NOW, until=None)
    before, mark, after = octets.rpartition(b"TSA/QTST")
    accepted = Accepted.read(before + b"TSA" + after, "elenco.xml")
    assert mark
    assert accepted.status(unit.der, (), NOW - 2 * YEAR) == "unqualified"
    assert accepted.status(unit.der, (), NOW) == "qualified"


def test_a_list_says_nothing_of_what_comes_after_it(unit):
    accepted = read(Service([unit.der], GRANTED), until=NOW + DAY)
    assert accepted.status(unit.der, (), NOW + DAY / 2) == "qualified"
    assert accepted.status(unit.der, (), NOW + DAY) == "unknown"
    withdrawn = read(Service([unit.der], [("withdrawn", NOW - YEAR), *GRANTED]), until=NOW + DAY)
    assert withdrawn.status(unit.der, (), NOW + 2 * DAY) == "unqualified"


def test_of_several_lists_the_youngest_that_knows_the_authority_decides(unit, ca):
    other = read(Service([issue("Altra", ca, usage=USAGE).der], GRANTED), issued=NOW)
    old = read(Service([unit.der], GRANTED), issued=NOW - 90 * DAY, until=NOW)
    new = read(Service([unit.der], [("withdrawn", NOW - 30 * DAY), *GRANTED]), until=NOW + 90 * DAY)
    for both in (old.plus(new).plus(other), other.plus(new).plus(old)):
        assert both.status(unit.der, (), NOW - 40 * DAY) == "qualified"
        assert both.status(unit.der, (), NOW - 10 * DAY) == "unqualified", "the older list did not know yet"
    assert old.plus(other).status(unit.der, (), NOW + DAY) == "unknown"
    assert len(old.plus(old).sources) == 1


def test_a_list_is_named_with_its_digest(unit):
    octets = trusted_list([Service([unit.der], GRANTED)], issued=NOW, until=None, number=42)
    (source,) = Accepted.read(octets, "it.xml").sources
    assert (source.name, source.sha256) == ("trusted list IT no. 42 (2026-11-21)", sha256(octets))


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"<a/>", "expected TrustServiceStatusList of TS 119 612, found a"),
        (b"<a>", "elenco.xml: no XML"),
        (trusted_list([], issued=NOW, until=None, doctype=BOMB), "a DOCTYPE, which none has"),
        (trusted_list([], issued=NOW, until=None).replace(b"2026-11-21T12:00:00Z", b"ieri"), "ListIssueDateTime"),
        (trusted_list([], issued=NOW, until=None).replace(b"12:00:00Z", b"12:00:00"), "a time with its zone"),
        (trusted_list([Service([b"x"], GRANTED)], issued=NOW, until=None).replace(b"eA==", b"e"), "in base64"),
    ],
)
def test_what_is_no_trusted_list_is_refused_with_its_reason(octets, words):
    with pytest.raises(Malformed, match=words):
        Accepted.read(octets, "elenco.xml")


def test_entities_and_the_network_are_off(unit, tmp_path):
    secret = tmp_path / "segreto"
    secret.write_text("http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
    octets = trusted_list([Service([unit.der], [("", SINCE)])], issued=NOW, until=None, doctype=doctype)
    with pytest.raises(Malformed, match="DOCTYPE"):
        Accepted.read(octets.replace(b"Svcstatus/<", b"Svcstatus/&e;<"), "elenco.xml")


def test_a_certificate_that_nobody_can_read_is_still_known_by_its_digest(unit):
    accepted = read(Service([b"no certificate", unit.der], GRANTED))
    assert accepted.status(unit.der, (), NOW) == "qualified"


def own(unit: Issued, rest: str = "from = 2024-01-01\nuntil = 2026-12-31", name: str = 'name = "Una TSA"') -> bytes:
    return f'[[tsa]]\ncertificate = "{sha256(unit.der)}"\n{name}\n{rest}\n'.encode()


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        (datetime(2023, 12, 31, 23, 59, tzinfo=UTC), "unqualified"),
        (datetime(2024, 1, 1, tzinfo=UTC), "qualified"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "qualified"),
        (datetime(2027, 1, 1, tzinfo=UTC), "unqualified"),
    ],
)
def test_a_short_list_of_ones_own_names_certificates_and_days(unit, moment, status):
    accepted = Accepted.read(own(unit), "tsa.toml")
    assert accepted.status(unit.der, (), moment) == status
    (source,) = accepted.sources
    assert (source.name, source.sha256) == ("tsa.toml", sha256(own(unit)))


def test_a_short_list_may_leave_the_end_open_and_goes_before_trusted_lists(unit):
    mine = Accepted.read(own(unit, "from = 2024-01-01"), "tsa.toml")
    assert mine.status(unit.der, (), NOW + 30 * YEAR) == "qualified"
    theirs = read(Service([unit.der], [("withdrawn", SINCE)]))
    for both in (mine.plus(theirs), theirs.plus(mine)):
        assert both.status(unit.der, (), NOW) == "qualified"


def test_a_fingerprint_may_be_written_as_openssl_prints_it(unit):
    digest = sha256(unit.der).upper()
    pairs = ":".join(digest[place : place + 2] for place in range(0, 64, 2))
    octets = own(unit).replace(sha256(unit.der).encode(), pairs.encode())
    assert Accepted.read(octets, "tsa.toml").status(unit.der, (), NOW) == "qualified"


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("", r"\[\[tsa\]\] 1: from: expected a day as 2024-01-01 \(no quotes\), found None"),
        ('from = "2024-01-01"', "from: expected a day"),
        ("from = 2024-01-01\nuntil = 2023-01-01", "until: expected a day not before from"),
        ("from = 2024-01-01\nuntil = 3", "until: expected a day"),
        ("from = 2024-01-01\nbits = 3", "unknown key bits"),
        ("from = 2024-01-01\n[altro]", "unknown key altro"),
        ("from", "neither a trusted list .XML. nor TOML: .*line 4"),
    ],
)
def test_a_short_list_that_is_wrong_is_refused_with_its_reason(unit, rest, words):
    with pytest.raises(Malformed, match=words):
        Accepted.read(own(unit, rest), "tsa.toml")


def test_a_short_list_must_name_a_certificate_and_an_authority(unit):
    for wrong in (own(unit).replace(b"[[tsa]]", b"[tsa]"), b"", own(unit).replace(sha256(unit.der).encode(), b"ab")):
        with pytest.raises(Malformed, match=r"expected \[\[tsa\]\]|expected its SHA-256"):
            Accepted.read(wrong, "tsa.toml")
    with pytest.raises(Malformed, match="name: expected a text"):
        Accepted.read(own(unit, name=""), "tsa.toml")


@pytest.mark.parametrize(
    ("services", "code"),
    [(GRANTED, "TOKEN_QUALIFIED"), ([("withdrawn", SINCE)], "TOKEN_UNQUALIFIED"), (None, None)],
)
def test_a_token_is_called_what_the_list_says_at_its_time_and_passes_all_the_same(liar: Liar, services, code):
    imprint = bytes(64)
    token = token_of(liar.tell(imprint), algorithm="sha512", imprint=imprint, nonce=7, at=NOW)
    accepted = NO_LIST if services is None else read(Service([liar.tsa.der], services))
    policy = Policy(Material((liar.ca.der,)), accepted=accepted)
    asked = {"algorithm": "sha512", "data_digest": imprint, "at": NOW + DAY, "subject": "t"}
    verdict = judge_token(read_token(token), policy, **asked)
    assert [item.code for item in verdict.findings] == ([code] if code else [])
    assert verdict.indication is Indication.PASSED
