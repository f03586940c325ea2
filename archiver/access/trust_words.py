"""The details of a certificate in words, Italian or English, one line each."""

from collections.abc import Iterator
from datetime import UTC, datetime

from archiver.access.trusted import Details

Line = tuple[str, str]
"""What it is about, and what is said; nothing in the first place for a line that goes on."""

_LABELS = {
    "it": (
        "impronta SHA-256", "tipo", "stato", "soggetto", "emesso da", "numero di serie", "validità", "chiave", "firma",
        "usi", "indirizzi", "algoritmi", "percorso", "revoca", "visto dal", "evidenza", "atti",
    ),
    "en": (
        "SHA-256 fingerprint", "kind", "standing", "subject", "issued by", "serial number", "term", "key", "signature",
        "usages", "addresses", "algorithms", "path", "revocation", "first seen", "evidence", "acts",
    ),
}  # fmt: skip
_STANDINGS = {
    "it": {"new": "da confermare", "confirmed": "confermato", "revoked": "revocato da una persona", "": "-"},
    "en": {"new": "to be confirmed", "confirmed": "confirmed", "revoked": "revoked by a person", "": "-"},
}
_REVOCATION = {
    "it": {None: "non nota: nessuna lista attuale conservata", True: "non revocato", False: "REVOCATO"},
    "en": {None: "not known: no current list is kept", True: "not revoked", False: "REVOKED"},
}


def trust_lines(found: Details, lang: str) -> Iterator[Line]:
    """All of it, `lang` being `it` or `en`; what is not known is left out."""
    for label, texts in zip(_LABELS[lang], _texts(found, lang), strict=True):
        for number, text in enumerate(text for text in texts if text):
            yield (label if number == 0 else "", text if number == 0 else f"{'':22} {text}")


def _texts(found: Details, lang: str) -> Iterator[tuple[str, ...]]:
    entry = found.entry
    yield (entry.sha256,)
    yield (entry.kind,)
    yield (_STANDINGS[lang][entry.standing],)
    yield (found.subject or entry.name,)
    yield (found.issuer or entry.issuer,)
    yield (found.serial,)
    yield (f"{entry.since:%Y-%m-%d} - {_day(entry.until)}",)
    yield (found.key,)
    yield (found.signature,)
    yield (", ".join(found.usages),)
    yield (", ".join(found.emails),)
    yield (*(_term(name, end, lang) for name, end in found.ends), f"[{found.source}]" if found.ends else "")
    path = (f"{step.name}  {step.sha256[:16]}" for step in found.path)
    yield (*path, *(item.text(lang) for item in found.findings))
    yield (_REVOCATION[lang][found.revocation] if entry.is_certificate else "",)
    yield (f"{entry.seen:%Y-%m-%d %H:%M} UTC" if entry.seen else "",)
    yield tuple(f"{holder}: {covered}" for holder, covered in sorted(entry.covered.items()) if covered)
    yield tuple(f"{act.at:%Y-%m-%d %H:%M} UTC  {act.kind}  {act.who}: {act.reason}  ({act.name})" for act in found.acts)


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "-"


def _term(name: str, end: datetime | None, lang: str) -> str:
    if end is None:
        return f"{name}: " + {"it": "non nel catalogo", "en": "not in the catalogue"}[lang]
    if end == datetime.max.replace(tzinfo=UTC):
        return f"{name}: " + {"it": "nessuna fine annunciata", "en": "no end announced"}[lang]
    return f"{name}: " + {"it": "fino al", "en": "until"}[lang] + f" {end:%Y-%m-%d}"
