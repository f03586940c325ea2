"""Elenco di consistenza: what is handed over, per holder, producer and volume; for machines, and for people.

AgID's guideline on the end of the service asks, per producer, for size, number of documents, whether there are personal
data, the classification and the terms; here also formats, seals, evidence and what the judge says of each volume.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from archiver.errors import Malformed
from archiver.package import rules
from archiver.package.agents import Agent
from archiver.package.rdv.values import Rdv

NAME = "consistenza.json"
TEXT = "ELENCO-DI-CONSISTENZA.txt"


def holder_entry(
    holder: str,
    volumes: Sequence[Mapping[str, Any]],
    rapporti: Mapping[str, Rdv],
    pending: Mapping[str, int],
    counts: Mapping[str, int],
) -> dict[str, Any]:
    """What is said of one holder; `rapporti`: one of each mailbox, by mailbox; `pending`: messages and bytes."""
    documents = sum(volume["messages"] for volume in volumes) + pending["messages"]
    names = {rdv.holder.name: None for rdv in rapporti.values()}
    names |= {name: None for volume in volumes for name in volume["holder"]}
    codes = {code for rdv in rapporti.values() for code in rdv.holder.ids}
    return {
        "id": holder,
        "name": next(iter(names), ""),
        "agent": _agent(next(iter(rapporti.values())).holder) if rapporti else None,
        "codes": sorted(codes | {code for volume in volumes for code in volume["codes"]}),
        "producers": sorted(
            {volume["producer"] for volume in volumes} | {rdv.producer.name for rdv in rapporti.values()}
        ),
        "personal_data": True,
        "documents": documents,
        "bytes": sum(volume["bytes"] for volume in volumes) + pending["bytes"],
        "classes": _classes(volumes, rapporti),
        "formats": _summed(volumes, "formats"),
        "kinds": _summed(volumes, "kinds"),
        "mailboxes": [_mailbox(mailbox, volumes, rapporti) for mailbox in _mailboxes(volumes, rapporti)],
        "pending": dict(pending),
        "objects": dict(counts),
        "volumes": [dict(volume) for volume in volumes],
    }


def written(told: Mapping[str, Any]) -> bytes:
    """For machines: canonical JSON."""
    return (json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def text(told: Mapping[str, Any]) -> bytes:
    """For people, in the language of the export."""
    english = told["lang"] == "en"
    lines = ["ELENCO DI CONSISTENZA", "=====================", ""]
    if not told["legal_value"]:
        lines += ["SENZA VALORE LEGALE / WITHOUT LEGAL VALUE", ""]
    lines += [
        f"{'Made' if english else 'Fatto'}: {told['made']}   {told['software']}",
        f"{'Complete' if english else 'Completo'}: {_yes(told['sample'] is None, english=english)}",
        "",
    ]
    for holder in told["holders"]:
        lines += _holder(holder, english=english)
    return "\n".join([*lines, ""]).encode()


def _holder(told: Mapping[str, Any], *, english: bool) -> list[str]:
    words = (
        ("Holder", "Producer", "Documents", "Size", "Personal data", "yes", "Classes", "Formats", "Mailboxes")
        if english
        else (
            "Titolare",
            "Produttore",
            "Documenti",
            "Dimensione",
            "Dati personali",
            "sì",
            "Classi",
            "Formati",
            "Caselle",
        )
    )
    lines = [
        f"{words[0]}: {told['name']} ({', '.join(told['codes'])}) [{told['id']}]",
        f"  {words[1]}: {', '.join(told['producers'])}",
        f"  {words[2]}: {told['documents']}   {words[3]}: {told['bytes']} byte   {words[4]}: {words[5]}",
        f"  {words[6]}:",
        *(f"    {one['name']}: {one['years']} ({one['event']}; {one['basis']})" for one in told["classes"]),
        f"  {words[7]}: {', '.join(f'{name} {count}' for name, count in told['formats'].items())}",
        f"  {words[8]}: {', '.join(one['id'] for one in told['mailboxes'])}",
        f"  {'In no volume yet' if english else 'Non ancora in un volume'}: {told['pending']['messages']}"
        f" ({told['pending']['bytes']} byte)",
        f"  Volumi (PdA): {len(told['volumes'])}",
    ]
    for volume in told["volumes"]:
        records = ", ".join(f"{one['tsa']}/{one['number']:06} {one['at'] or '?'}" for one in volume["records"])
        term = volume["keep_until"] or ("for ever" if english else "illimitato")
        lines += [
            f"    {volume['id']}",
            f"      {volume['mailbox']} {volume['year']} {volume['class']} -> {term}",
            f"      {volume['from'][:10]} - {volume['to'][:10]}: {volume['messages']} ({volume['bytes']} byte)",
            f"      {'seal' if english else 'sigillo'}: {volume['sealed_at']} {volume['level']}"
            f" {'; '.join(volume['signers'])}",
            f"      evidence record: {records or '-'}",
            f"      {volume['indication']} {volume['sub_indication']}".rstrip(),
        ]
    return [*lines, ""]


def _agent(agent: Agent) -> dict[str, str]:
    return {
        "type": agent.kind.value,
        "first_name": agent.first_name,
        "last_name": agent.last_name,
        "document": agent.relevant_documents[0],
    }


def _classes(volumes: Sequence[Mapping[str, Any]], rapporti: Mapping[str, Rdv]) -> list[dict[str, Any]]:
    rules = {(one["class"], one["years"], one["event"], one["basis"]) for one in volumes}
    rules |= {
        (rule.name, rule.years, rule.event, rule.basis)
        for rdv in rapporti.values()
        for segment in rdv.segments
        for rule in (segment.retention,)
    }
    keys = ("name", "years", "event", "basis")
    return [dict(zip(keys, rule, strict=True)) for rule in sorted(rules)]


def _summed(volumes: Sequence[Mapping[str, Any]], key: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    for volume in volumes:
        found.update(volume[key])
    return dict(sorted(found.items()))


def _mailboxes(volumes: Sequence[Mapping[str, Any]], rapporti: Mapping[str, Rdv]) -> list[str]:
    return sorted({*rapporti, *(volume["mailbox"] for volume in volumes)})


def _mailbox(mailbox: str, volumes: Sequence[Mapping[str, Any]], rapporti: Mapping[str, Rdv]) -> dict[str, Any]:
    mine = [volume for volume in volumes if volume["mailbox"] == mailbox]
    rdv = rapporti.get(mailbox)
    return {
        "id": mailbox,
        "address": rdv.address if rdv else "",
        "volumes": len(mine),
        "messages": sum(volume["messages"] for volume in mine),
        "bytes": sum(volume["bytes"] for volume in mine),
        "class": next((segment.retention.name for segment in rdv.segments), "") if rdv else "",
    }


def _yes(true: bool, *, english: bool) -> str:
    return ("yes" if english else "sì") if true else "no"


def stamp(at: datetime) -> str:
    """A time as it is written: UTC, whole seconds."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def read(octets: bytes) -> dict[str, Any]:
    """What an elenco says. Raises Malformed unless it has the shape in which it is written."""
    try:
        told = json.loads(octets)
        if told["format"] != 1 or told["kind"] != "handover":
            raise ValueError(f"expected format 1 of a handover, found {told['format']!r} of {told['kind']!r}")
        for holder in _list(told, "holders"):
            _check_holder(holder)
        if told["sample"] is not None:
            list(map(rules.sha256, _list(told, "sample")))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed(f"{NAME}: {error!r}") from error
    return dict(told)


def _check_holder(told: Mapping[str, Any]) -> None:
    """Every key that whoever takes over reads. Raises ValueError, KeyError, TypeError."""
    rules.opaque(_text(told, "id"))
    _text(told, "name")
    _texts(told, "codes")
    _count(told["pending"], "messages")
    if told["agent"] is not None:
        for key in ("type", "first_name", "last_name", "document"):
            _text(told["agent"], key)
    for damaged in _list(told, "damaged"):
        _text(damaged, "name")
        _text(damaged, "reason")
    for mailbox in _list(told, "mailboxes"):
        rules.opaque(_text(mailbox, "id"))
        _text(mailbox, "address")
        _text(mailbox, "class")
    for volume in _list(told, "volumes"):
        rules.sha256(_text(volume, "id"))
        rules.opaque(_text(volume, "mailbox"))
        _count(volume, "messages")


def _text(told: Mapping[str, Any], key: str) -> str:
    found = told[key]
    if not isinstance(found, str):
        raise TypeError(f"{key}: expected text, found {type(found).__name__}")
    return found


def _list(told: Mapping[str, Any], key: str) -> list[Any]:
    found = told[key]
    if not isinstance(found, list):
        raise TypeError(f"{key}: expected a list, found {type(found).__name__}")
    return found


def _texts(told: Mapping[str, Any], key: str) -> None:
    if not all(isinstance(one, str) for one in _list(told, key)):
        raise TypeError(f"{key}: expected a list of texts")


def _count(told: Mapping[str, Any], key: str) -> None:
    found = told[key]
    if type(found) is not int or found < 0:
        raise ValueError(f"{key}: expected a number of 0 or more, found {str(found)[:80]}")
