"""What the verifying part of the page says, in both languages; the findings are those of the archive's own verifier."""

from collections.abc import Iterable
from typing import Any, Final

from archiver.verdict.table import TABLE

ANCHOR: Final = "ANCHOR_FROM_PACKAGE"
"""Yellow: it rests on what the exhibit brought along."""

_CODES: Final = (
    "ALGORITHM_",
    ANCHOR,
    "CHAIN_NOT_FOUND",
    "CMS_",
    "DIGEST",
    "EVIDENCE_",
    "EXHIBIT_",
    "GROUP_PARTIAL",
    "INDEX_",
    "MISSING",
    "PAGE_",
    "RDV_",
    "SEAL_",
    "SIGNER_UNNAMED",
    "TOKEN_",
    "UNLISTED",
)

_STEPS: Final = {
    "manifest": (
        "Le impronte di ogni file (SHA-256 e SHA-512) a confronto con i manifest: nulla cambiato, mancante, in più",
        "Digests of every file (SHA-256 and SHA-512) against the manifests: nothing changed, missing, added",
    ),
    "index": (
        "L'indice del fascicolo (PdD): la firma, la marca temporale, il suo elenco a confronto con i file",
        "The index of the exhibit (PdD): signature, time stamp, and its list against the files",
    ),
    "pindex": (
        "L'indice del volume (PIndex): la firma, e il suo elenco a confronto con messaggi, metadati, certificati",
        "The volume's index (PIndex): signature, and its list against messages, metadata, certificates",
    ),
    "timestamp": (
        "La marca temporale di quella firma: impronta, firma e certificato dell'autorità",
        "The time stamp over that signature: imprint, signature and certificate of the authority",
    ),
    "evidence": (
        "L'evidence record: dai file mostrati, anello dopo anello, fino alle marche temporali dell'archivio",
        "The evidence record: from the files that are shown, link by link, to the archive's time stamps",
    ),
    "rapporti": (
        "I rapporti di versamento e la loro evidenza",
        "The rapporti di versamento and their evidence",
    ),
    "discards": (
        "Gli atti di scarto che riguardano il volume",
        "The records of discards that concern the volume",
    ),
    "shown": (
        "I messaggi di cui parla il fascicolo a confronto con quelli che ci sono",
        "The messages that the exhibit tells of against those that are here",
    ),
    "pending": (
        "Messaggi che attendono ancora il loro volume",
        "Messages that still wait for their volume",
    ),
    "providers": (
        "Le firme dei gestori PEC nei messaggi (esito a parte: un messaggio arrivato alterato è conservato com'è)",
        "The PEC providers' signatures in the messages (apart: a message that came altered is kept as it is)",
    ),
    "anchors": (
        "I certificati, fino alle ancore qui allegate: le loro impronte vanno confrontate altrove, mai verde",
        "The certificates, up to the anchors that came along: compare their fingerprints elsewhere, never green",
    ),
}  # fmt: skip

_OUTCOMES: Final = {
    "passed": ("verde", "green"),
    "notice": ("giallo", "yellow"),
    "anchor": ("giallo", "yellow"),
    "doubt": ("giallo", "yellow"),
    "failed": ("ROSSO", "RED"),
    "running": ("in corso", "running"),
}

_WHOLE: Final = {
    "passed": (
        "Verificato: il contenuto è integro.",
        "Verified: the content is intact.",
    ),
    "anchor": (
        "Verificato: il contenuto è integro. Resta da confrontare, in giallo, a chi appartengono i certificati.",
        "Verified: the content is intact. Whose the certificates are (yellow) remains to be compared.",
    ),
    "notice": (
        "Verificato: il contenuto è integro. Leggere le avvertenze in giallo; anche a chi appartengono i certificati "
        "resta da confrontare.",
        "Verified: the content is intact. Read the notices in yellow; whose the certificates are remains to be "
        "compared as well.",
    ),
    "unsigned": (
        "INDETERMINATO: NON FIRMATO. Nessuno garantisce quel che raccontano questa pagina, il rapporto in PDF e "
        "dossier.json: valgono i soli messaggi (.eml) con i loro volumi. Leggere i punti in giallo.",
        "INDETERMINATE: NOT SIGNED. Nobody vouches for what this page, the PDF report and dossier.json tell: only the "
        "messages (.eml) with their volumes count. Read what is yellow.",
    ),
    "doubt": (
        "INDETERMINATO: nulla risulta alterato, ma qualcosa non si può provare. Leggere i punti in giallo.",
        "INDETERMINATE: nothing is found altered, but something cannot be proven. Read what is yellow.",
    ),
    "failed": (
        "NON superato: qualcosa è alterato, manca o è in più. Leggere i punti in rosso.",
        "FAILED: something is altered, missing or added. Read what is red.",
    ),
    "running": ("Verifica in corso…", "Verifying…"),
}  # fmt: skip

_UI: Final = {
    "details": ("dettagli", "details"),
    "volume": ("volume", "volume"),
    "more": ("altri", "more"),
    "other": (
        "Attenzione: i file consegnati sono di un ALTRO fascicolo, non di quello mostrato in questa pagina.",
        "Beware: the files handed over are of ANOTHER exhibit, not of the one that this page shows.",
    ),
    "at": ("Verificato il", "Verified on"),
    "revocation": (
        "La revoca dei certificati non è giudicata in questa pagina: la giudicano `archiver verify` e gli strumenti "
        "indicati in LEGGIMI.txt, con le CRL e le risposte OCSP allegate.",
        "Revocation of certificates is not judged in this page: `archiver verify` and the tools that LEGGIMI.txt names "
        "judge it, with the CRLs and OCSP answers that came along.",
    ),
    "intact": ("integra", "intact"),
    "altered": ("NON corrisponde", "does NOT fit"),
    "unsigned": ("nessuna firma", "no signature"),
    "unknown": ("non verificabile qui", "cannot be verified here"),
    "SEALED_BY": ("firmato da", "signed by"),
    "genTime": ("marca del", "stamped"),
    "crypto": (
        "Questo browser non offre WebCrypto per i file locali: usarne uno aggiornato (Firefox, Chrome, Edge).",
        "This browser offers no WebCrypto for local files: use a recent one (Firefox, Chrome, Edge).",
    ),
    "empty": ("Nessun file consegnato.", "No file was handed over."),
}  # fmt: skip


def words() -> dict[str, Any]:
    """What the page's program reads: texts by key as [it, en]; findings as [severity, it, en, clause]."""
    findings = {
        code: ["anchor" if code == ANCHOR else row.severity, row.italian, row.english, row.clause]
        for code, row in TABLE.items()
        if code.startswith(_CODES)
    }
    return {"steps": _STEPS, "outcomes": _OUTCOMES, "whole": _WHOLE, "ui": _UI, "findings": findings}


def severities(codes: Iterable[str] = TABLE) -> dict[str, str]:
    """What each finding does in the page."""
    return {code: "anchor" if code == ANCHOR else TABLE[code].severity for code in codes}
