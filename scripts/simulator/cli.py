"""The command line of the simulator: checks what was asked, joins the rooms, says what was written."""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from simulator import pki
from simulator.mailbox import FORMATS
from simulator.story import Message, Scene, conversation, moment
from simulator.truth import Truth
from simulator.world import Party, providers

EXAMPLE = "example: pecsim --out demo --messages 100 --recipients 3 --format maildir"
FIRST_YEAR, LAST_YEAR = 2011, 2046  # so that three-year certificates lie within the authority's own term


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for; the same plan gives the same bytes. `start` is UTC, `size` counts the attachments' octets."""

    messages: int
    seed: int
    size: int
    recipients: int
    address: str
    start: datetime


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; 0 done. Exits with 2 when the arguments cannot be used."""
    parser = _parser()
    asked = parser.parse_args(argv)
    out: Path = asked.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        parser.error(f"--out {out}: expected a directory that is empty or does not exist, found something there")
    plan = Plan(asked.messages, asked.seed, asked.size, asked.recipients, asked.address, asked.start)
    written = simulate(plan, out, asked.format)
    print(f"{written} messages of {plan.address} as {asked.format} in {out} (SIMULATED, without legal value)")
    return 0


def simulate(plan: Plan, out: Path, shape: str) -> int:
    """Writes mailbox, providers' trust folder and expected.json into `out`; returns how many messages."""
    trust = out / "providers"
    trust.mkdir(parents=True)
    (trust / "ca-pec-simulata.pem").write_bytes(_pem(pki.root()))
    truth = Truth(plan.address)
    written = FORMATS[shape](messages(plan, truth), out)
    truth.write(out / "expected.json")
    return written


def messages(plan: Plan, truth: Truth) -> Iterator[Message]:
    """Exactly `plan.messages` messages, conversation after conversation; the last one may be cut short."""
    known = providers(plan.start)
    holder = Party(plan.address, "", known[0])
    number = written = 0
    while written < plan.messages:
        number += 1
        dice = random.Random(f"{plan.seed}/{number}")
        at = moment(plan.start, written / plan.messages, dice)
        scene = Scene(number, at, dice, holder, known, plan.size, plan.recipients)
        for message in truth.passing(islice(conversation(scene), plan.messages - written)):
            written += 1
            yield message


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pecsim", description="Writes a simulated PEC mailbox.", epilog=EXAMPLE)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where to write; must be empty or absent"
    )
    parser.add_argument("--messages", type=_positive, required=True, metavar="N", help="how many messages in all")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another seed, another mailbox (1)")
    parser.add_argument("--size", type=_count, default=20_000, metavar="BYTES", help="attachments of a message (20000)")
    parser.add_argument("--recipients", type=_positive, default=1, metavar="K", help="of each sent message (1)")
    parser.add_argument("--format", choices=FORMATS, default="maildir", help="shape of the mailbox (maildir)")
    parser.add_argument("--address", type=_address, default="studio@pec.esempio-legale.it", help="the holder's mailbox")
    parser.add_argument("--start", type=_day, default=_day("2024-03-01"), metavar="DATE", help="first day (2024-03-01)")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a number, 0 or more, found {text!r}")
    return int(text)


def _positive(text: str) -> int:
    if _count(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a number, 1 or more, found {text!r}")
    return int(text)


def _address(text: str) -> str:
    local, _, domain = text.partition("@")
    if not (local and domain and text.isascii() and text.isprintable()) or set(text) & set(' <>"&,;'):
        raise argparse.ArgumentTypeError(f"expected an address such as studio@pec.example, found {text!r}")
    return text


def _day(text: str) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d")
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected a date such as 2024-03-01, found {text!r}") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"expected a year from {FIRST_YEAR} to {LAST_YEAR}, found {text!r}")
    return day.replace(tzinfo=UTC)
