"""Every reader of octets from outside keeps its promises: good octets, spoilt ones, and what scripts/fuzz found once.

A target returns, whatever it is given; anything else than the errors that its reader promises comes through.
"""

import random
import time
from functools import cache

import pytest
from fuzzing.mutation import changed, endless
from fuzzing.seeds import own
from fuzzing.targets import IN_DER, TARGETS
from support.quick_tsa import SIGNED_DATA, QuickCA, oid, tlv

SECONDS = 0.5
"""For spoilt octets of one target."""
HANG = 5
LARGEST = 4000


@cache
def good(target: str) -> tuple[bytes, ...]:
    """What our own code makes; real material is for scripts/fuzz."""
    return tuple(item for item in own(target) if len(item) <= LARGEST)


@pytest.mark.parametrize("target", TARGETS)
def test_good_octets_are_read(target: str) -> None:
    for octets in good(target):
        TARGETS[target](octets)


@pytest.mark.parametrize("target", TARGETS)
def test_spoilt_octets_raise_nothing_unpromised_and_take_no_time(target: str) -> None:
    dice, end = random.Random(target), time.monotonic() + SECONDS
    while time.monotonic() < end:
        octets = spoilt(target, dice)
        begun = time.monotonic()
        try:
            TARGETS[target](octets)
        except Exception as error:  # whatever it is
            pytest.fail(f"{target}: {error!r} for {octets.hex()}")
        assert time.monotonic() - begun < HANG, octets.hex()


@pytest.mark.parametrize("target", sorted(IN_DER))
def test_no_number_is_too_long(target: str) -> None:
    """Python refuses to write one of more than 4,300 digits: in a text, a key, a message of an error."""
    octets = max(good(target), key=len)
    for spoiled in endless(octets):
        TARGETS[target](spoiled)


def spoilt(target: str, dice: random.Random) -> bytes:
    octets = dice.choice(good(target))
    if target in IN_DER:
        return changed(octets, 2 * LARGEST, dice.getrandbits(32), lambda raw, _: plainly(raw, dice))
    return plainly(octets, dice)


def plainly(octets: bytes, dice: random.Random) -> bytes:
    """A few octets changed, left out, doubled, or all from somewhere on gone."""
    left = bytearray(octets or b"\x00")
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(left) or 1)
        match dice.randrange(5):
            case 0:
                left[place : place + 1] = bytes((dice.getrandbits(8),))
            case 1:
                del left[place : place + dice.randint(1, 8)]
            case 2:
                left[place:place] = left[place : place + dice.randint(1, 30)]
            case 3:
                left[place:place] = dice.randbytes(dice.randint(1, 4))
            case _:
                del left[place + 1 :]
    return bytes(left)


CA = QuickCA().der
POINT = CA.index(b"\x03\x42\x00\x04") + 4  # the key on P-256, behind its header
EC = oid("1.2.840.10045.2.1")
EMPTY_SIGNER = tlv(0x30, oid(SIGNED_DATA), tlv(0xA0, tlv(0x30, tlv(0x31, tlv(0x30)))))
SHA512, SHAKE = oid("2.16.840.1.101.3.4.2.3"), oid("2.16.840.1.101.3.4.2.19")
FOUND = {
    "a name with a code point that nobody assigned, on the path": ("certificate", CA.replace(b"ova", b"\xcd\xb8a")),
    "a key that is no point of its curve, on the path": (
        "certificate",
        CA[:POINT] + bytes((CA[POINT] ^ 1,)) + CA[POINT + 1 :],
    ),
    "a chain hashed with an algorithm that nothing is built with": (
        "renewal",
        own("renewal")[0].replace(SHA512, SHAKE),
    ),
    "a key of a kind that nobody knows, on the path": ("certificate", CA.replace(EC, oid("1.2.840.10045.2.9"))),
    "a signer with nothing in it": ("seal", EMPTY_SIGNER),
}
"""What it was: the target, and the octets."""


@pytest.mark.parametrize("found", FOUND)
def test_what_was_found_once_stays_mended(found: str) -> None:
    target, octets = FOUND[found]
    TARGETS[target](octets)
