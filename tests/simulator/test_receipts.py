"""Which delivery receipt comes, what it carries, and what it proves of the content (reading 21, standards 3.10)."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from support.pecsim import Mail, alone, box

RECEIPT = "avvenuta-consegna"

# reading 21: variant, the receipt that a To gets, what it proves, whether the original lies in it
CONTENT = [
    ("completa", "completa", "whole", True),
    ("completa-senza-messaggio", "completa", "none", False),
    ("senza-copia", "completa", "whole", True),
    ("breve", "breve", "hashes", True),
    ("breve-firmata", "breve", "hashes", True),
    ("breve-inoltro", "breve", "hashes", True),
    ("breve-falsa", "breve", "none", True),
    ("breve-senza-copia", "breve", "none", True),
    ("sintetica", "sintetica", "none", False),
]


@pytest.mark.parametrize(("variant", "receipt", "content", "carries"), CONTENT)
def test_a_to_gets_the_receipt_asked_for_and_a_cc_a_sintetica(
    variant: str, receipt: str, content: str, carries: bool, tmp_path: Path
) -> None:
    mailbox = box(tmp_path / "out", variants=variant, messages=20, recipients=6)
    dossier = mailbox.told(variant)[0]
    to = dossier["recipients"][0]
    assert (to["state"], to["receipt"], to["content"]) == ("delivered", receipt, content)
    delivered = {mail.stated("consegna"): mail for mail in mailbox.of(dossier, RECEIPT)}
    ccs = [each for place, each in enumerate(dossier["recipients"]) if place >= 4 and each["state"] == "delivered"]
    assert ccs
    assert {(each["receipt"], each["content"]) for each in ccs} == {("sintetica", "none")}
    for each in dossier["recipients"]:
        if each["state"] == "delivered":
            mail = delivered[each["address"]]
            assert mail.daticert.find(".//ricevuta").get("tipo") == each["receipt"]
            assert (mail.top_part("postacert.eml") is not None) == (carries and each not in ccs)


def encoded(text: bytes) -> dict[str, bytes]:
    """Everything that a provider may have taken for the content of a part (standards 3.10)."""
    bare = text.rstrip(b"\r\n")
    lines = bare.replace(b"\r\n", b"\n")
    return {"crlf": bare + b"\r\n", "bare": bare, "lf": lines + b"\n", "lf-bare": lines}


def agreeing(receipt: Mail, copy: Mail) -> list[str]:
    """For each hash of a brief receipt, over what of the sent copy it was taken; empty when over nothing of it."""
    parts = {part.get_filename(): part for part in copy.parsed.walk() if part.get_filename()}
    found = []
    for part in receipt.top_part("postacert.eml").get_payload(0).walk():
        name = part.get_filename() or ""
        if name.endswith(".hash"):
            digest = part.get_payload().strip()
            assert re.fullmatch("[0-9a-f]{40}", digest)
            source = parts[name.removesuffix(".hash")]
            message = source.get_content_type() == "message/rfc822"
            octets = attached(copy.raw) if message else source.get_payload().encode()
            bodies = encoded(octets) | {"decoded": octets if message else source.get_payload(decode=True)}
            found.append(next((key for key, each in bodies.items() if sha1(each) == digest), ""))
    return found


def attached(raw: bytes) -> bytes:
    """The message attached to a message, cut out of the raw octets."""
    boundary = re.search(rb'boundary="(pecsim-[^"]+)"', raw)
    assert boundary
    return raw.split(b"\r\n--" + boundary[1])[2].partition(b"\r\n\r\n")[2]


def sha1(octets: bytes) -> str:
    return hashlib.sha1(octets).hexdigest()


@pytest.mark.parametrize("variant", ["breve", "breve-firmata", "breve-inoltro"])
def test_every_hash_of_a_brief_receipt_is_that_of_the_sent_copys_part(variant: str, tmp_path: Path) -> None:
    mailbox, ways = box(tmp_path / "out", variants=variant, messages=120), set()
    for dossier in mailbox.told(variant):
        (copy,), (receipt,) = mailbox.of(dossier, "inviato"), mailbox.of(dossier, RECEIPT)
        found = agreeing(receipt, copy)
        assert found
        assert all(found)
        ways |= set(found)
    assert ways >= {"crlf", "bare", "lf", "lf-bare"}
    assert ("decoded" in ways) == (variant != "breve-inoltro")  # a message travels as it is


def test_one_hash_of_a_forged_brief_receipt_is_of_something_else(tmp_path: Path) -> None:
    mailbox = box(tmp_path / "out", variants="breve-falsa", messages=60)
    for dossier in mailbox.told("breve-falsa"):
        (copy,), (receipt,) = mailbox.of(dossier, "inviato"), mailbox.of(dossier, RECEIPT)
        assert agreeing(receipt, copy).count("") == 1


def test_a_brief_receipt_of_a_signed_message_keeps_its_tree_and_its_authors_signature(tmp_path: Path) -> None:
    mailbox, dossier = alone(tmp_path, "breve-firmata")
    (copy,), (receipt,) = mailbox.of(dossier, "inviato"), mailbox.of(dossier, RECEIPT)
    inner = receipt.top_part("postacert.eml").get_payload(0)
    assert shape(inner) == shape(copy.parsed)
    assert inner.get_payload(1).get_payload() == copy.parsed.get_payload(1).get_payload()


def shape(parsed: Any) -> list[Any]:
    """A message's tree: multiparts by type, leaves as leaves."""
    return [parsed.get_content_type(), *map(shape, parsed.get_payload())] if parsed.is_multipart() else ["leaf"]
