"""What a mailbox of every variant shows is what the simulator knows to be true, to the last recipient."""

import random
from pathlib import Path
from typing import Any

import pytest
from support.pecsim import pecsim, sha256
from support.shelf import Shelf

from archiver.pec.providers import Providers

SECOND = "altra@pec.esempio-legale.it"
TOLD = ("address", "role", "state", "receipt", "content", "at", "reason")


def shelved(folder: Path, simulated: Path, truth: dict[str, Any]) -> Shelf:
    """A shelf with all of it, each mailbox in its own, in some order."""
    addresses = {str(row["sha256"]): str(row["mailbox"]) for row in truth["messages"]}
    providers = Providers.load(path.read_bytes() for path in (simulated / "providers").iterdir())
    shelf = Shelf(folder, providers, own=set(addresses.values()))
    mail = {sha256(path.read_bytes()): path for path in sorted(simulated.rglob("*.eml"))}
    assert set(mail) == set(addresses)
    for address in sorted(set(addresses.values())):
        mine = [path.read_bytes() for digest, path in mail.items() if addresses[digest] == address]
        random.Random(1).shuffle(mine)
        shelf.put(*mine, mailbox=f"m-{address.partition('@')[0]}")
    return shelf


def said(found: dict[str, Any]) -> dict[str, Any]:
    """Of an answer of `show`, what the simulator knows too."""
    told = {name: found[name] for name in ("message_id", "identificativo", "state", "contradiction")}
    recipients = [{key: item[key] for key in TOLD} for item in found["recipients"]]
    lists = {name: sorted(item["sha256"] for item in found[name]) for name in ("messages", "related")}
    return told | lists | {"recipients": sorted(recipients, key=lambda item: str(item["address"]).lower())}


def true(dossier: dict[str, Any]) -> dict[str, Any]:
    recipients = sorted(dossier["recipients"], key=lambda item: str(item["address"]).lower())
    return {name: value for name, value in dossier.items() if name != "variant"} | {"recipients": recipients}


@pytest.mark.parametrize(
    "options",
    [
        {"messages": 1500, "seed": 7, "shuffle": True, "duplicates": 5, "second": SECOND, "recipients": 3},
        {"messages": 550, "seed": 7, "variants": "cinquecento"},
    ],
    ids=["every variant", "five hundred recipients"],
)
def test_every_dossier_is_what_the_simulator_knows_it_to_be(tmp_path: Path, options: dict[str, object]) -> None:
    truth = pecsim(tmp_path / "simulated", **options)
    shelf = shelved(tmp_path, tmp_path / "simulated", truth)
    for dossier in truth["dossiers"]:
        for name in dict.fromkeys((dossier["messages"][0], dossier["messages"][-1])):
            assert said(shelf.json(name)) == true(dossier), dossier["variant"]
    states = {digest: dossier["state"] for dossier in truth["dossiers"] for digest in dossier["messages"]}
    found = shelf.states()
    assert found
    assert found.items() <= states.items()
