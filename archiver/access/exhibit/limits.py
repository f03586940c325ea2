"""What an exhibit does not prove, said before anybody asks (readings 15, 29, 31)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from archiver.access.show import Shown
from archiver.pec.kind import Kind
from archiver.pec.outcome import Content
from archiver.pec.signature import read_outcomes
from archiver.submission.rows import MessageRow
from archiver.verdict import Indication, Severity
from archiver.verify import Report

Said = dict[str, str]

_TOLD = ("EXHIBIT_PENDING", "EXHIBIT_UNSIGNED")
"""Doubts that have a sentence of their own."""

NAMED = 5
"""Messages, or addresses, that one sentence names; the others it counts."""

_SIGNATURES = {
    "unsigned": (
        "senza la firma di un gestore; chi ha scritto, e quando, non è provato.",
        "without a provider's signature; who wrote, and when, is not proven.",
    ),
    "integrity": (
        "la firma del gestore non risulta integra; è conservato quel che è arrivato, come è arrivato.",
        "the provider's signature is not intact; kept is what came, as it came.",
    ),
    "origin": (
        "il gestore che ha firmato non è tra quelli riconosciuti dall'archivio.",
        "the provider that signed is not among those that the archive knows.",
    ),
    "time": (
        "firma del gestore integra; che il certificato fosse valido alla firma non è provato per il tempo prima"
        " dell'ingresso in archivio (log del gestore, 30 mesi, o altra prova).",
        "the provider's signature is intact; that its certificate was valid when it signed is not proven for the time"
        " before the intake (provider's log, 30 months, or other proof).",
    ),
    "algorithm": (
        "il gestore ha firmato con un algoritmo oggi debole.",
        "the provider signed with an algorithm that is weak today.",
    ),
}

_CONTENTS = {
    "none": (
        "la ricevuta di consegna non contiene il messaggio: prova la consegna, non il contenuto.",
        "the delivery receipt does not hold the message: it proves the delivery, not the content.",
    ),
    "external": (
        "posta ordinaria: nessuna ricevuta può provarne la consegna.",
        "ordinary mail: no receipt can prove the delivery.",
    ),
    "pending": (
        "in archivio non c'è alcuna ricevuta di consegna, né avviso definitivo.",
        "the archive has neither a delivery receipt nor a final notice.",
    ),
    "withheld": (
        "tra i messaggi esibiti non c'è alcuna ricevuta di consegna, né avviso definitivo; altri messaggi del fascicolo"
        " non sono esibiti.",
        "among the messages exhibited there is neither a delivery receipt nor a final notice; other messages of the"
        " dossier are not exhibited.",
    ),
}


def not_proven(
    shown: Iterable[Shown],
    *,
    since: datetime | None,
    pending: int,
    qualified: dict[str, bool],
    recipient: str,
    sealed: bool,
    legal: bool,
    report: Report | None,
) -> list[Said]:
    """One pair of sentences each, the weightiest first."""
    dossiers = list(shown)
    found = [*_house(legal=legal, sealed=sealed), *_withheld(dossiers), *_time(since, pending), *_tsas(qualified)]
    found += [*_signatures(dossiers), *_contents(dossiers, recipient)]
    found += _recipient(dossiers, recipient)
    found += _doubts(report)
    return [dict(pair) for pair in dict.fromkeys(tuple(one.items()) for one in found)]


def _house(*, legal: bool, sealed: bool) -> Iterator[Said]:
    if not legal:
        yield _said(
            "SENZA VALORE LEGALE: firme e marche temporali di questo archivio vengono da un'autorità dimostrativa"
            " interna, di cui nessuno garantisce.",
            "WITHOUT LEGAL VALUE: this archive's signatures and time stamps come from a demonstration authority of its"
            " own, for which nobody vouches.",
        )
    if not sealed:
        yield _said(
            "L'esibizione non è sigillata: nessuno garantisce quel che dicono index.html, rapporto.pdf e dossier.json,"
            " né che siano completi; valgono i soli .eml con i loro volumi.",
            "The exhibit is not sealed: nobody vouches for what index.html, rapporto.pdf and dossier.json say, nor that"
            " they are complete; only the .eml files with their volumes count.",
        )


def withheld(number: int) -> Said:
    """Of messages that whoever made the exhibit may not read."""
    if number == 1:
        return _said(
            "1 messaggio di questo fascicolo sta in caselle che l'operatore non può leggere: non è tra i messaggi"
            " esibiti.",
            "1 message of this dossier lies in mailboxes that the operator may not read: it is not exhibited.",
        )
    return _said(
        f"{number} messaggi di questo fascicolo stanno in caselle che l'operatore non può leggere: non sono tra i"
        " messaggi esibiti.",
        f"{number} messages of this dossier lie in mailboxes that the operator may not read: they are not exhibited.",
    )


def restricted(number: int) -> Said:
    """Of messages whose processing is restricted."""
    if number == 1:
        return _said(
            "1 messaggio di questo fascicolo è a trattamento limitato (GDPR, art. 18): non è tra i messaggi esibiti.",
            "The processing of 1 message of this dossier is restricted (GDPR, art. 18): it is not exhibited.",
        )
    return _said(
        f"{number} messaggi di questo fascicolo sono a trattamento limitato (GDPR, art. 18): non sono tra i messaggi"
        " esibiti.",
        f"The processing of {number} messages of this dossier is restricted (GDPR, art. 18): they are not exhibited.",
    )


def left_out(dossiers: Iterable[Mapping[str, Any]]) -> Iterator[Said]:
    """What is said of the messages that the dossiers of a report (`data/dossier.json`) count and do not have."""
    rows = list(dossiers)
    for key, words in (("withheld", withheld), ("restricted", restricted)):
        if number := sum(item.get(key) or 0 for item in rows):
            yield words(number)


def _withheld(dossiers: Iterable[Shown]) -> Iterator[Said]:
    return left_out([{"withheld": shown.withheld, "restricted": shown.restricted} for shown in dossiers])


def _time(since: datetime | None, pending: int) -> Iterator[Said]:
    if since:
        moment = f"{since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        yield _said(
            f"L'archivio prova che i messaggi esistevano, immutati, dal {moment}; non da prima. Per il periodo"
            " anteriore: log del gestore (30 mesi dall'invio) o altra prova. La marca dell'archivio non è la data del"
            " messaggio.",
            f"The archive proves that the messages existed, unchanged, since {moment}; not before. For the time"
            " before: the provider's log (30 months from the sending) or other proof. The archive's time stamp is not"
            " the date of the message.",
        )
    if pending:
        yield _said(
            f"{pending} messaggi non sono ancora in un volume chiuso: la loro data e integrità restano INDETERMINATE."
            " Prima di esibire: `archiver seal --now`, poi rifare l'esibizione.",
            f"{pending} messages are in no closed volume yet: their date and integrity remain INDETERMINATE. Before"
            " exhibiting: `archiver seal --now`, then make the exhibit again.",
        )


def _tsas(qualified: dict[str, bool]) -> Iterator[Said]:
    names = sorted(name for name, known in qualified.items() if not known)
    if names:
        yield _said(
            f"Riferimento temporale non qualificato: nessuna lista di fiducia conservata qui dice qualificata"
            f" l'autorità di marcatura {', '.join(names)} al momento delle marche.",
            f"Riferimento temporale non qualificato: no trusted list that is kept here says that the time stamping"
            f" authority {', '.join(names)} was qualified at the time of its tokens.",
        )


def _signatures(dossiers: Iterable[Shown]) -> Iterator[Said]:
    """What each provider's signature leaves open: one sentence for all messages that have it in common."""
    found: dict[str, dict[str, None]] = {}
    for row in (proof.message for shown in dossiers for proof in shown.proofs):
        for lack in _lacks(row):
            found.setdefault(lack, {})[f"{row.sha256[:12]}… ({row.kind})"] = None
    for lack, names in found.items():
        italian, english = _SIGNATURES[lack]
        one = len(names) == 1
        yield _said(
            f"{'Messaggio' if one else 'Messaggi'} {_named(names, 'altri')}: {italian}",
            f"{'Message' if one else 'Messages'} {_named(names, 'others')}: {english}",
        )


def _lacks(row: MessageRow) -> Iterator[str]:
    if not row.content:
        if row.kind != Kind.INVIATO:
            yield "unsigned"
        return
    integrity, origin, time, algorithm = read_outcomes(row.content)
    for lack, outcome in (("integrity", integrity), ("origin", origin), ("time", time)):
        if outcome is not Indication.PASSED:
            yield lack
            break
    if algorithm is not Indication.PASSED:
        yield "algorithm"


def _named(names: Collection[str], others: str) -> str:
    rest = len(names) - NAMED
    return ", ".join(list(names)[:NAMED]) + (f" (+ {rest} {others})" if rest > 0 else "")


def _contents(dossiers: Iterable[Shown], recipient: str) -> Iterator[Said]:
    found: dict[str, dict[str, None]] = {}
    for item, hidden in ((one, shown.hidden) for shown in dossiers for one in shown.dossier.recipients):
        if recipient and item.address.lower() != recipient.lower():
            continue
        if item.state == "delivered" and item.content is Content.NONE:
            found.setdefault("none", {})[f"{item.address} ({item.receipt})"] = None
        elif item.state in ("external", "pending", "late"):
            silent = "withheld" if hidden else "pending"
            lack = "external" if item.state == "external" else silent
            found.setdefault(lack, {})[item.address] = None
    for lack, names in found.items():
        italian, english = _CONTENTS[lack]
        yield _said(f"{_named(names, 'altri')}: {italian}", f"{_named(names, 'others')}: {english}")


def _recipient(dossiers: list[Shown], recipient: str) -> Iterator[Said]:
    if recipient:
        others = any(max(item.addressed, len(item.dossier.recipients)) > 1 for item in dossiers)
        yield _said(
            f"Esibizione limitata al destinatario {recipient}: le ricevute degli altri non sono qui."
            + (
                " La copia inviata, la ricevuta di accettazione e una ricevuta di consegna completa sono documenti"
                " unici, conservati così come sono: nominano tutti i destinatari del messaggio."
                if others
                else ""
            ),
            f"Exhibit limited to the recipient {recipient}: the receipts of others are not here."
            + (
                " The sent copy, the ricevuta di accettazione and a ricevuta completa are single documents, kept as"
                " they are: they name all recipients of the message."
                if others
                else ""
            ),
        )


def _doubts(report: Report | None) -> Iterator[Said]:
    """What the judge left open, or found wrong."""
    for found in report.verdict.findings if report else ():
        if found.severity in (Severity.DOUBT, Severity.ERROR) and found.code not in _TOLD:
            outcome = "INDETERMINATE" if found.severity is Severity.DOUBT else "FAILED"
            yield _said(
                f"{outcome}: {found.subject}: {found.text('it')}", f"{outcome}: {found.subject}: {found.text('en')}"
            )


def _said(italian: str, english: str) -> Said:
    return {"it": italian, "en": english}
