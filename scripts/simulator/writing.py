"""From a plan to messages and their truth: the one way that files and servers are filled."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from simulator import pki
from simulator.arrival import Message, arriving
from simulator.mailbox import FORMATS
from simulator.plan import Plan
from simulator.story import turns
from simulator.truth import Truth


def messages(plan: Plan, truth: Truth) -> Iterator[Message]:
    """Exactly `plan.messages` messages in the order of their arrival, of both mailboxes; each is noted in `truth`."""
    return truth.passing(arriving(turns(plan), plan, truth))


def prepared(plan: Plan, out: Path) -> Truth:
    """Writes the providers' trust folder into `out`; the truth that the messages pass by, with its notes there."""
    trust = out / "providers"
    trust.mkdir(parents=True)
    (trust / "ca-pec-simulata.pem").write_bytes(pki.root().public_bytes(Encoding.PEM))
    return Truth(plan.address, out)


def written(plan: Plan, out: Path, shape: str) -> tuple[Counter[str], Truth]:
    """Writes mailboxes, trust folder and expected.json; how many messages each mailbox has, and the truth."""
    truth = prepared(plan, out)
    folders = {plan.address: out} | ({plan.second: out / "second"} if plan.second else {})
    counts = FORMATS[shape](messages(plan, truth), folders)
    truth.write(out / "expected.json")
    return counts, truth
