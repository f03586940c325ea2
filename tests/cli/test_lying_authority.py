"""A time stamping authority that does not keep its word: refused for its own reason, and nothing is half done."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from support.archives import demo, folder_of, letter, named
from support.certificates import Authority, Pair
from support.commands import done

from archiver.adapters.authority import LocalAuthority
from archiver.chain import Material
from archiver.compose import open_archive
from archiver.errors import Unavailable
from archiver.evidence.policy import Policy
from archiver.package.layout import Kind
from archiver.seal import Authority as Trusted
from archiver.seal import Sealing, seal
from archiver.verdict import Indication
from archiver.verify import Trust, judge_store

CA = Authority("CA delle marche")
ANCHOR = CA.certificate.public_bytes(Encoding.DER)
Answer = Callable[[bytes], bytes]


def now() -> datetime:
    return datetime.now(UTC)


def stamping(pair: Pair, folder: Path, clock: Callable[[], datetime] = now) -> LocalAuthority:
    pair.pem(folder, "tsa")
    return LocalAuthority(folder, clock)


def changed(query: bytes, field: str) -> bytes:
    asked = tsp.TimeStampReq.load(query)
    if field == "nonce":
        asked["nonce"] = asked["nonce"].native ^ 1
    else:
        asked["message_imprint"]["hashed_message"] = asked["message_imprint"]["hashed_message"].native[::-1]
    return bytes(asked.dump(force=True))


def other_imprint(folder: Path) -> Answer:
    honest = stamping(CA.tsa(), folder)
    return lambda query: honest.answer(changed(query, "imprint"))


def other_nonce(folder: Path) -> Answer:
    honest = stamping(CA.tsa(), folder)
    return lambda query: honest.answer(changed(query, "nonce"))


def other_usage(folder: Path) -> Answer:
    return stamping(CA.tsa(usage=ExtendedKeyUsageOID.CODE_SIGNING), folder).answer


def expired(folder: Path) -> Answer:
    return stamping(CA.tsa(days=(-400, -1)), folder).answer


def expired_and_backdating(folder: Path) -> Answer:
    return stamping(CA.tsa(days=(-400, -1)), folder, lambda: now() - timedelta(days=100)).answer


def other_authority(folder: Path) -> Answer:
    return stamping(Authority("Altra CA").tsa(), folder).answer


def web_page(folder: Path) -> Answer:
    return lambda query: b"<html><body>502 Bad Gateway</body></html>"


def nothing(folder: Path) -> Answer:
    return lambda query: b""


def cut_short(folder: Path) -> Answer:
    honest = stamping(CA.tsa(), folder)
    return lambda query: honest.answer(query)[:-20]


def altered(folder: Path) -> Answer:
    honest = stamping(CA.tsa(), folder)

    def answer(query: bytes) -> bytes:
        reply = honest.answer(query)
        return reply[:-1] + bytes([reply[-1] ^ 1])

    return answer


def rejection(folder: Path) -> Answer:
    honest = stamping(CA.tsa(), folder)
    return lambda query: honest.answer(b"niente")


LIES: dict[str, tuple[Callable[[Path], Answer], str]] = {
    "another imprint": (other_imprint, r"(?i)imprint|stamps"),
    "another nonce": (other_nonce, r"expected nonce \d+, found \d+"),
    "another usage": (other_usage, r"(?i)code_signing"),
    "expired": (expired, r"(?i)certificate"),
    "a clock of long ago": (expired_and_backdating, r"expected a time within 0:05:00 of"),
    "another authority": (other_authority, r"No path from TSA di prova to a trust anchor; issuer: Altra CA"),
    "a web page": (web_page, r"expected a TimeStampResp in DER, found b'<html>"),
    "nothing": (nothing, r"found an empty answer"),
    "half an answer": (cut_short, r"expected a TimeStampResp in DER"),
    "an altered signature": (altered, r"(?i)signature"),
    "a refusal": (rejection, r"expected status granted, found rejection: .*bad_data_format"),
}


class Port:
    """A `ports.TimeStampingAuthority` that answers so."""

    id = "local"

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


@pytest.fixture
def config(tmp_path: Path) -> Path:
    config = demo(tmp_path / "archive")
    mail = [letter("prima", date="Mon, 03 Mar 2025 10:00:00 +0100"), letter("seconda")]
    done("ingest", "--from", folder_of(tmp_path / "mail", *mail), config=config)
    return config


def sealing(config: Path, answer: Answer) -> Sealing:
    """What a sealing run of this archive works with, but for its authority."""
    work, _ = open_archive(config, environ={}, clock=now).sealing(now, count(1).__next__, by_hand=False)
    return replace(work, lines=((Trusted(Port(answer), Policy(Material((ANCHOR,), crls=(CA.crl(),)))),),), signing=())


@pytest.mark.parametrize("name", LIES)
def test_an_answer_that_is_not_what_was_asked_seals_nothing(config: Path, tmp_path: Path, name: str) -> None:
    lie, words = LIES[name]
    with pytest.raises(Unavailable) as refused:
        seal(sealing(config, lie(tmp_path / "lie")), everything=True)
    assert str(refused.value).startswith("TSA local: ")
    assert re.search(words, str(refused.value)), refused.value
    assert not any(named(config, kind) for kind in (Kind.INDEX, Kind.VOLUME_RECORD, Kind.RDV_RECORD))
    assert done("status", config=config)["pending"] == 2
    assert_finished(config, tmp_path)


@pytest.mark.parametrize("name", ["another imprint", "another authority"])
def test_a_lie_about_the_tree_leaves_sealed_volumes_open_until_the_truth_comes(
    config: Path, tmp_path: Path, name: str
) -> None:
    lie, _ = LIES[name]
    honest, liar, asked = stamping(CA.tsa(), tmp_path / "honest"), lie(tmp_path / "lie"), count(1)
    with pytest.raises(Unavailable):
        seal(sealing(config, lambda query: (honest.answer if next(asked) < 3 else liar)(query)), everything=True)
    assert len(named(config, Kind.INDEX)) == 2
    assert not named(config, Kind.VOLUME_RECORD)
    seals = {path: path.read_bytes() for path in (config.parent / "store").rglob("PIndex.xml.p7m")}
    assert done("status", config=config)["pending"] == 2
    assert_finished(config, tmp_path, tokens=1)
    assert seals == {path: path.read_bytes() for path in (config.parent / "store").rglob("PIndex.xml.p7m")}


def assert_finished(config: Path, folder: Path, *, tokens: int = 3) -> None:
    """An honest authority brings it to the end."""
    work = sealing(config, stamping(CA.tsa(), folder / "truth").answer)
    report = seal(work, everything=True)
    assert (report.volumes, report.tokens, report.failures) == (2, tokens, [])
    archive = open_archive(config, environ={}, clock=now)
    judged = judge_store(
        archive.store, trust=Trust(archive.providers, Policy(Material((*archive.seal_anchors, ANCHOR)))), at=now()
    )
    assert judged.indication is Indication.PASSED
