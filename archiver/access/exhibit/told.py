"""`data/dossier.json`: what page, report and machines read of an exhibit; canonical JSON, texts in two languages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, datetime
from typing import Any

from archiver.access.exhibit import messages as message
from archiver.access.exhibit.brief import line
from archiver.access.exhibit.collect import Collected
from archiver.access.exhibit.timeline import RENEWED, STAMPED, timeline
from archiver.access.exhibit.volumes import Told
from archiver.access.printing import canonical as canonical
from archiver.access.show import Proof, Shown
from archiver.digest import Sha256
from archiver.pec.address import addresses
from archiver.verdict import Finding

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Parts:
    """What was put into an exhibit, ready to be told: the views of messages by digest, the volumes by id."""

    collected: Collected
    views: Mapping[Sha256, dict[str, Any]]
    volumes: Mapping[str, Told]


def dossiers(shown: Sequence[Shown], parts: Parts, *, lang: str, recipient: str) -> list[dict[str, Any]]:
    """Every dossier with its messages and what happened; with `recipient`, an address, no other one is named."""
    return [_dossier(item, parts, lang, recipient) for item in shown]


def stamps(volumes: Iterable[Told]) -> list[tuple[str, datetime, str]]:
    """Kind, time and authority of each archive time stamp."""
    records = [record for volume in volumes for record in volume.records if record.at]
    found = {(STAMPED if item.number == 1 else RENEWED, item.at, item.tsa) for item in records if item.at}
    return sorted(found, key=lambda stamp: stamp[1])


def qualified(volumes: Iterable[Told]) -> dict[str, bool]:
    """Of each authority whether a list says that it was qualified whenever it stamped here."""
    found: dict[str, bool] = {}
    for volume in volumes:
        for record in volume.records:
            said = [_qualified(stamp.verdict.findings) for stamp in record.examined.stamps]
            found[record.tsa] = found.get(record.tsa, True) and bool(said) and all(said)
    return found


def only(told: dict[str, Any], recipient: str) -> dict[str, Any]:
    """The same without the other recipients: but for what the messages themselves say."""
    original = dict(told["original"]) if told["original"] else None
    for item in (*told["messages"], *((original,) if original else ())):
        for key in ("to", "cc"):
            if key in item:
                item[key] = [one for one in item[key] if _is(recipient, one)]
    return {**told, "original": original}


def _qualified(findings: Iterable[Finding]) -> bool:
    return any(item.code == "TOKEN_QUALIFIED" for item in findings)


def _dossier(shown: Shown, parts: Parts, lang: str, recipient: str) -> dict[str, Any]:
    mine = {proof.volume for proof in shown.proofs if proof.volume}
    told = shown.as_json(lang)
    told["related"] = []  # readings 29: nothing about messages that are not here
    told["messages"] = [_message(proof, parts) for proof in shown.proofs]
    told["original"] = written(told["original"], told["messages"])
    told["subject"] = line((told["original"] or told)["subject"] or told["subject"])
    told["timeline"] = timeline(shown, stamps(parts.volumes[volume] for volume in sorted(mine)), recipient)
    return only(told, recipient) if recipient else told


def written(original: Mapping[str, Any] | None, shown: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """What a dossier is headed with; of a message received, as the message inside says it: its From with the name.

    `declared` is the sender that the provider states, where the message names another.
    """
    if original is None:
        return None
    found = {**original, "from": line(original["from"]), "subject": line(original["subject"])}
    itself = next((item for item in shown if item["sha256"] == found["sha256"]), None)
    inner = itself["inner"] if itself and found["source"] in ("posta-certificata", "anomalia") else None
    if not inner:
        return found
    named = {str(name).lower(): str(value) for name, value in reversed(inner["headers"])}
    stated, wrote = found["from"], line(named.get("from") or found["from"])
    if not _is(stated, wrote):
        found["declared" if "envelope" in found else "envelope"] = stated
    return {**found, "from": wrote, "subject": line(named.get("subject") or found["subject"])}


def _is(address: str, written: str) -> bool:
    """Whether what is written, perhaps with a name, means this address: `rossi@` is no part of `m.rossi@`."""
    named = (item.address for item in addresses(written))
    return address.strip().lower() in (written.strip().lower(), *(one.lower() for one in named))


def _message(proof: Proof, parts: Parts) -> dict[str, Any]:
    row = proof.message
    volume = parts.volumes.get(proof.volume or "")
    return {
        **message.facts(row),
        **parts.views[row.sha256],
        "path": parts.collected.paths[row.sha256],
        "volume": proof.volume,
        "since": volume.since.isoformat() if volume and volume.since else None,
        "until": _end(volume.until) if volume else None,
    }


def _end(until: datetime | None) -> str | None:
    """None for what never ends, as far as anybody knows."""
    return until.isoformat() if until and until.year < MAXYEAR else None
