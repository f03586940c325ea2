"""What stands around the dossiers: what is not proven, every check that was made, the anchors, how to verify."""

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.access.exhibit.page.text import both, digest, folded, foreign, moment, safe, table

_OUTCOMES = {
    "PASSED": ("superato", "passed"),
    "INDETERMINATE": ("indeterminato", "indeterminate"),
    "FAILED": ("NON superato", "FAILED"),
    "UNSIGNED": ("nulla da giudicare (UNSIGNED)", "nothing to judge (UNSIGNED)"),
}
_CHECKS = {
    "intake": ("ingresso", "intake"),
    "seal": ("sigillo", "seal"),
    "evidence": ("evidenza", "evidence"),
    "renewal": ("rinnovo", "renewal"),
    "sweep": ("rilettura", "sweep"),
    "repair": ("riparazione", "repair"),
    "exhibit": ("esibizione", "exhibit"),
}
_ROLES = {
    "seal": ("sigilli", "seals"),
    "tsa": ("marche temporali", "time stamps"),
    "providers": ("gestori PEC", "PEC providers"),
}
_MANY = 40


def not_proven(told: Mapping[str, Any]) -> str:
    """Each limit, a sentence."""
    items = "".join(f"<li>{both(item['it'], item['en'])}</li>" for item in told.get("not_proven", ()))
    return f"<ul>{items}</ul>" if items else ""


def checks(told: Mapping[str, Any]) -> str:
    """Every check since the day of receipt; many are folded."""
    rows = [
        (
            moment(item["at"]),
            both(*_CHECKS.get(item["kind"], (item["kind"],) * 2)),
            outcome(item["outcome"]),
            both(item["it"], item["en"]),
        )
        for item in told.get("checks", ())
    ]
    head = (both("Quando", "When"), both("Controllo", "Check"), both("Esito", "Outcome"), "")
    shown = table(head, rows)
    return shown if len(rows) <= _MANY else folded(both(f"{len(rows)} controlli", f"{len(rows)} checks"), shown)


def outcome(indication: str) -> str:
    """PASSED, INDETERMINATE or FAILED, in words; the standard's word stays where it is the verdict's own."""
    return f'<span class="outcome {safe(indication)}">{both(*_OUTCOMES.get(indication, (indication,) * 2))}</span>'


def volumes(told: Mapping[str, Any]) -> str:
    """Each volume, who sealed it, and its records with the time up to which they prove."""
    return "".join(map(_volume, told.get("volumes", ())))


def _volume(volume: Mapping[str, Any]) -> str:
    rows = (
        (
            f"<code>{safe(record['path'].rpartition('/evidence/')[2])}</code>",
            moment(record["at"]),
            moment(record["until"]),
            safe(record["algorithm"]),
        )
        for record in volume.get("records", ())
    )
    facts = [
        (both("Volume", "Volume"), digest(volume["id"])),
        (both("Anno", "Year"), safe(volume.get("year", "-"))),
        (both("Messaggi", "Messages"), both(
            f"{volume.get('shown', '?')} mostrati su {volume.get('messages', '?')}",
            f"{volume.get('shown', '?')} shown of {volume.get('messages', '?')}")),
        (both("Sigillato", "Sealed"), f"{moment(volume.get('sealed_at'))} (CAdES-{safe(volume.get('level', '-'))})"),
        (both("Da", "By"), foreign(volume.get("signer", "-"))),
    ]  # fmt: skip
    head = (
        "Evidence record",
        both("marca del", "stamped"),
        both("prova fino al", "proves until"),
        both("impronta", "digest"),
    )
    return f"<dl>{''.join(f'<dt>{name}</dt><dd>{value}</dd>' for name, value in facts)}</dl>{table(head, rows)}"


def anchors(told: Mapping[str, Any]) -> str:
    """Fingerprints, and where to compare them (readings: an anchor that a party supplied is never green)."""
    rows = (
        (both(*_ROLES.get(item["role"], (item["role"],) * 2)), foreign(item["subject"]), digest(item["sha256"]))
        for item in told.get("anchors", ())
    )
    head = (both("Per", "For"), both("Titolare", "Subject"), both("Impronta SHA-256", "SHA-256 fingerprint"))
    text = both(
        "Questi certificati li ha messi qui chi ha prodotto il fascicolo: che siano quelli veri non lo può dire il "
        "fascicolo stesso. Confrontare le impronte con l'elenco di fiducia italiano ed europeo (eidas.ec.europa.eu, "
        "EU Trusted Lists; agid.gov.it, prestatori di servizi fiduciari), o con il sito del prestatore.",
        "Whoever made this exhibit put these certificates here: that they are the true ones the exhibit itself cannot "
        "say. Compare the fingerprints with the Italian and European trusted lists (eidas.ec.europa.eu, EU Trusted "
        "Lists; agid.gov.it, trust service providers), or with the provider's own site.",
    )
    return f"<p>{text}</p>{table(head, rows)}"


def by_hand(told: Mapping[str, Any]) -> str:
    """The essentials with other people's tools, in the folder of the exhibit."""
    return "".join(f"<p>{text}</p><pre><code>{safe(command)}</code></pre>" for text, command in _commands(told))


def _commands(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield (
        both("Ogni file è quello elencato:", "Every file is the one that is listed:"),
        "sha256sum -c manifest-sha256.txt tagmanifest-sha256.txt",
    )
    yield (
        both("Tutto, con Python e la libreria cryptography:", "All of it, with Python and the library cryptography:"),
        "python3 verify.py",
    )
    for volume in tuple(told.get("volumes", ()))[:1]:
        yield (
            both(
                "La firma dell'indice di un volume (poi confrontare le impronte scritte in PIndex.xml):",
                "The signature of a volume's index (then compare the digests that PIndex.xml states):",
            ),
            f"openssl cms -verify -binary -inform DER -noverify -in {volume['path']}PIndex.xml.p7m -out PIndex.xml",
        )
    yield both("Con il programma dell'archivio:", "With the archive's own program:"), "archiver verify ."
