"""The table of findings: severity, sub-indication of EN 319 102-1, clause, and the text in Italian and English.

One literal, so that a lawyer can read all that this system may ever say. Codes are never reused.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """One code: `severity` is info, warning, doubt or error; texts may name `{values}` of the finding."""

    severity: str
    sub: str
    clause: str
    italian: str
    english: str


# what arrived: archiver.pec
PEC: dict[str, Row] = {}

# what is kept: archiver.package
PACKAGE: dict[str, Row] = {}

# why it is believed: archiver.evidence, archiver.chain
EVIDENCE: dict[str, Row] = {
    # certificates and their chains: archiver.chain
    "CERTIFICATE_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 5280, 4.1",
        "Certificato illeggibile (atteso X.509 in DER)",
        "Certificate unreadable (expected X.509 in DER)",
    ),
    "CERTIFICATE_REVOKED": Row(
        "error",
        "REVOKED",
        "RFC 5280, 6.3; EN 319 102-1, 5.2.6",
        "Certificato di {name} revocato il {revoked} (motivo: {reason}), prima del momento giudicato {at}",
        "Certificate of {name} revoked on {revoked} (reason: {reason}), before the moment judged, {at}",
    ),
    "CERTIFICATE_COMPROMISED_LATER": Row(
        "doubt",
        "REVOKED_NO_POE",
        "RFC 3161, 4; EN 319 102-1, 5.2.6",
        "Certificato di {name} revocato il {revoked} per compromissione o senza motivo ({reason}): nulla prova che la "
        "chiave fosse sicura al {at}",
        "Certificate of {name} revoked on {revoked} for compromise or without a reason ({reason}): nothing proves that "
        "the key was safe at {at}",
    ),
    "CERTIFICATE_REVOKED_LATER": Row(
        "info",
        "",
        "RFC 3161, 4; EN 319 102-1, 5.2.6",
        "Certificato di {name} revocato il {revoked} (motivo: {reason}), dopo il momento giudicato {at}: non lo tocca",
        "Certificate of {name} revoked on {revoked} (reason: {reason}), after the moment judged, {at}: no harm to it",
    ),
    "CERTIFICATE_EXPIRED": Row(
        "doubt",
        "EXPIRED",
        "RFC 5280, 6.1.3; EN 319 102-1, 5.2.6",
        "Certificato di {name}: il percorso scade il {end}, prima del momento giudicato {at}",
        "Certificate of {name}: its path ends on {end}, before the moment judged, {at}",
    ),
    "CERTIFICATE_NOT_YET_VALID": Row(
        "doubt",
        "NOT_YET_VALID",
        "RFC 5280, 6.1.3; EN 319 102-1, 5.2.6",
        "Certificato di {name}: il percorso vale dal {start}, dopo il momento giudicato {at}",
        "Certificate of {name}: its path begins on {start}, after the moment judged, {at}",
    ),
    "CHAIN_NOT_FOUND": Row(
        "doubt",
        "NO_CERTIFICATE_CHAIN_FOUND",
        "RFC 5280, 6; EN 319 102-1, 5.2.6",
        "Nessun percorso da {name} a un'ancora di fiducia; emittente: {issuer}",
        "No path from {name} to a trust anchor; issuer: {issuer}",
    ),
    "CHAIN_REFUSED": Row(
        "doubt",
        "CHAIN_CONSTRAINTS_FAILURE",
        "RFC 5280, 6.1; EN 319 102-1, 5.2.6",
        "Percorso di {name} rifiutato: {reason}",
        "Path of {name} refused: {reason}",
    ),
    "REVOCATION_UNKNOWN": Row(
        "doubt",
        "TRY_LATER",
        "RFC 5280, 6.3; EN 319 102-1, 5.2.5",
        "Revoca di {name} al {at} non verificabile con le liste disponibili: {reason}",
        "Revocation of {name} at {at} cannot be told from the lists at hand: {reason}",
    ),
}

# the errands and the judge
JUDGE: dict[str, Row] = {}

TABLE: dict[str, Row] = {**PEC, **PACKAGE, **EVIDENCE, **JUDGE}
