"""Decades in seconds: an archive in memory whose clock a test turns, and authorities that come and go."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import tsp

from archiver.chain import Material
from archiver.evidence.policy import Policy
from archiver.seal import Authority
from support.quick_tsa import QuickCA, QuickTSA, tlv


@dataclass
class Clock:
    """A clock that stands until it is turned."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Port:
    """A quick authority behind the port; counts its questions."""

    id: str
    tsa: QuickTSA
    clock: Clock
    questions: int = 0

    def answer(self, query: bytes) -> bytes:
        """DER TimeStampReq -> DER TimeStampResp."""
        self.questions += 1
        asked = tsp.TimeStampReq.load(query)
        imprint = asked["message_imprint"]
        name, digest = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
        token = self.tsa.stamp(name, digest, self.clock(), asked["nonce"].native)
        return tlv(0x30, tlv(0x30, tlv(0x02, b"\0")), token)


def authority(
    id: str,
    tsa: QuickTSA,
    clock: Clock,
    *,
    digest: str = "sha512",
    anchors: Iterable[QuickCA] = (),
    succeeds: tuple[str, ...] = (),
) -> Authority:
    """An authority under its own CA; `anchors` are believed too."""
    trusted = Policy(Material(tuple(ca.der for ca in (tsa.ca, *anchors))))
    return Authority(Port(id, tsa, clock), trusted, digest=digest, succeeds=succeeds)


def day(text: str) -> datetime:
    """Noon of a day, UTC."""
    return datetime.fromisoformat(f"{text}T12:00:00").replace(tzinfo=UTC)
