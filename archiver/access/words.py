"""A dossier in words, Italian or English, a line at a time: for a lawyer, who will quote it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby

from archiver.access.heading import DECLARED, heading
from archiver.access.question import stated
from archiver.access.show import Proof, Shown
from archiver.pec import links
from archiver.pec.outcome import Receipt, Recipient
from archiver.pec.signature import read_outcomes
from archiver.pec.state import State
from archiver.submission.rows import MessageRow

Words = dict[str, tuple[str, str]]

STATES: Words = {
    "pending": ("in attesa", "pending"),
    "late": ("in ritardo (avviso delle 12 ore)", "late (12 h notice)"),
    "delivered": ("consegnato", "delivered"),
    "failed": ("non consegnato", "not delivered"),
    "expired": ("non consegnato nei tempi massimi (24 ore)", "not delivered in time (24 h)"),
    "external": ("posta ordinaria: nessuna prova possibile", "ordinary mail: no proof possible"),
    "refused": ("non accettato dal gestore", "not accepted by the provider"),
    "sent": ("inviato, nessuna ricevuta", "sent, no receipt"),
    "received": ("ricevuto", "received"),
    "anomaly": ("busta di anomalia", "anomaly envelope"),
    "ordinary": ("posta ordinaria", "ordinary mail"),
    "rem": ("REM", "REM"),
}

REASONS: Words = {
    "full": ("casella piena", "mailbox full"),
    "unknown-mailbox": ("indirizzo inesistente", "unknown mailbox"),
    "unknown-domain": ("dominio inesistente", "unknown domain"),
    "disabled": ("casella disabilitata", "mailbox disabled"),
    "virus": ("virus", "virus"),
    "other": ("altro motivo", "other reason"),
}

ROLES: Words = {"to": ("A", "To"), "cc": ("Cc", "Cc"), "unknown": ("ruolo non noto", "role unknown")}

CONTENTS: Words = {
    "whole": ("prova l'intero contenuto", "proves the whole content"),
    "hashes": ("hash concordi con la copia inviata", "hashes agree with the sent copy"),
    "none": ("non prova il contenuto", "does not prove the content"),
}

# the four answers on a provider's signature, in their order: passed, indeterminate, failed
ANSWERS: tuple[Words, ...] = (
    {
        "PASSED": ("integra", "intact"),
        "INDETERMINATE": ("integrità non verificabile", "integrity cannot be verified"),
        "FAILED": ("ALTERATA", "BROKEN"),
    },
    {
        "PASSED": ("gestore riconosciuto", "known provider"),
        "INDETERMINATE": ("gestore NON riconosciuto", "provider NOT known"),
        "FAILED": ("gestore NON valido", "provider NOT valid"),
    },
    {
        "PASSED": ("certificato valido all'ingresso", "certificate valid at intake"),
        "INDETERMINATE": ("validità del certificato non provata", "validity of the certificate not proven"),
        "FAILED": ("certificato non valido", "certificate not valid"),
    },
    {
        "PASSED": ("algoritmo adeguato", "adequate algorithm"),
        "INDETERMINATE": ("algoritmo oggi debole", "algorithm weak today"),
        "FAILED": ("algoritmo non ammesso", "algorithm not allowed"),
    },
)

LINKS: Words = {
    links.FILING: ("deposito in giudizio", "filing in court"),
    links.INVOICE: ("fattura", "invoice"),
    links.SDI: ("identificativo SdI", "SdI identifier"),
}

_TERMS: Words = {
    "state": ("stato", "state"),
    "contradictory": ("con contraddizioni", "contradictory"),
    "recipients": ("destinatari", "recipients"),
    "messages": ("messaggi", "messages"),
    "related": ("collegati (non fanno parte del dossier)", "related (not part of the dossier)"),
    "notes": ("note", "notes"),
    "proofs": ("prove", "proofs"),
    "receipt": ("ricevuta", "receipt"),
    "reason": ("motivo", "reason"),
    "provider": ("il gestore scrive", "the provider writes"),
    "against": ("altre ricevute dicono il contrario", "other receipts say otherwise"),
    "stranger": ("da un gestore NON riconosciuto", "by a provider that is NOT known"),
    "strangers": ("solo per ricevute di gestori NON riconosciuti", "only by receipts of providers that are NOT known"),
    "night": ("tra le 21 e le 7: art. 147 c. 3 c.p.c., se notificazione",
              "between 21 and 7: art. 147(3) c.p.c., if served as a notice"),
    "signature": ("firma del gestore", "provider's signature"),
    "unsigned": ("nessuna", "none"),
    "open": ("volume non ancora chiuso", "volume not closed yet"),
    "since": ("esistenza provata dal", "proven to exist since"),
    "not yet": ("esistenza non ancora provata", "existence not proven yet"),
    "carried": ("nessuna copia inviata qui: il messaggio è quello contenuto nella ricevuta di consegna "
                "(postacert.eml)", "no sent copy here: the message is the one in the delivery receipt "
                "(postacert.eml)"),
    "declared": ("nessuna copia del messaggio qui: mittente, destinatari e oggetto sono quelli dichiarati dal "
                 "gestore (daticert.xml) in", "no copy of the message here: sender, recipients and subject "
                 "are those that the provider states (daticert.xml) in"),
    "withheld": ("messaggi di questo dossier in caselle che non si possono leggere: quel che manca qui può stare lì",
                 "messages of this dossier in mailboxes that may not be read: what is missing here may lie there"),
    "restricted": ("messaggi di questo dossier a trattamento limitato (GDPR, art. 18), non mostrati",
                   "messages of this dossier whose processing is restricted (GDPR, art. 18), not shown"),
    "from": ("da", "from"),
    "to": ("a", "to"),
    "date": ("data", "date"),
    "attachments": ("allegati", "attachments"),
}  # fmt: skip


def lines(shown: Shown, lang: str) -> Iterator[str]:
    """The whole dossier; `lang` is `it` or `en`."""
    dossier = shown.dossier
    contradiction = f" ({_say('contradictory', lang)})" if dossier.contradiction else ""
    yield shown.subject
    yield f"  {_say('state', lang)}: {_word(STATES, dossier.state, lang)}{contradiction}"
    if dossier.trusted is False:
        yield f"    ! {_say('strangers', lang)}"
    yield f"  Message-ID: {dossier.message_id or '-'}"
    yield f"  identificativo: {dossier.identificativo or '-'}"
    if shown.withheld:
        yield f"  ! {_say('withheld', lang)}: {shown.withheld}"
    if shown.restricted:
        yield f"  ! {_say('restricted', lang)}: {shown.restricted}"
    yield from _carried(shown, lang)
    yield from _declared(shown, lang)
    yield from _recipients(shown, lang)
    yield f"{_say('messages', lang)}:"
    for proof in shown.proofs:
        yield from _message(proof.message, lang)
    yield from _related(shown, lang)
    if shown.told.findings:
        yield f"{_say('notes', lang)}:"
        yield from (f"  {item.subject[:16]}: {item.text(lang)}" for item in shown.told.findings)
    yield f"{_say('proofs', lang)}:"
    yield from _proofs(shown.proofs, lang)


def _carried(shown: Shown, lang: str) -> Iterator[str]:
    """Labelled: what is shown here was never in the holder's own hands as a message."""
    inner = shown.told.original
    if inner is None:
        return
    yield f"  {_say('carried', lang)} {shown.told.carrier}"
    yield f"    {_say('date', lang)}: {moment(inner.date) if inner.date else '-'}"
    yield f"    {_say('from', lang)}: {inner.sender.address}"
    yield f"    {_say('to', lang)}: {', '.join(inner.to) or '-'}"
    if inner.cc:
        yield f"    cc: {', '.join(inner.cc)}"
    yield f"    {_say('attachments', lang)}: {', '.join(inner.attachments) or '-'}"


def _declared(shown: Shown, lang: str) -> Iterator[str]:
    """Labelled: nobody has the message, and its provider says this of it."""
    known = heading(shown.told)
    if known and known["source"] == DECLARED:
        yield f"  {_say('declared', lang)} {known['sha256']}"
        yield f"    {_say('from', lang)}: {known['from']}"
        yield f"    {_say('to', lang)}: {', '.join(known['to']) or '-'}"


def _recipients(shown: Shown, lang: str) -> Iterator[str]:
    """How many in each state, then each of them."""
    if not shown.dossier.recipients:
        return
    counts = ", ".join(f"{number} × {_word(STATES, state, lang)}" for state, number in shown.counts.items())
    yield f"{_say('recipients', lang)}: {len(shown.dossier.recipients)} ({counts})"
    for item in shown.dossier.recipients:
        yield from _outcome(item, lang)


def _outcome(item: Recipient, lang: str) -> Iterator[str]:
    at = f" {moment(item.at)}" if item.at else ""
    yield f"  {item.address} ({_word(ROLES, item.role, lang)}): {_word(STATES, item.state, lang)}{at}"
    if item.receipt is not Receipt.NONE:
        yield f"      {_say('receipt', lang)} {item.receipt}: {_word(CONTENTS, item.content, lang)}"
    if item.reason:
        yield f"      {_say('reason', lang)}: {_word(REASONS, item.reason, lang)}"
    if item.detail:
        yield f"      {_say('provider', lang)}: {item.detail}"
    if item.contradiction:
        yield f"      ! {_say('against', lang)}"
    if item.trusted is False:
        yield f"      ! {_say('stranger', lang)}"
    if item.state is State.DELIVERED and item.at and not 7 <= item.at.hour < 21:
        yield f"      {_say('night', lang)}"


def _message(row: MessageRow, lang: str) -> Iterator[str]:
    yield f"  {moment(stated(row))}  {row.kind}  {row.sha256}"
    yield f"      {_say('signature', lang)}: {signature(row.content, lang)}"


def _related(shown: Shown, lang: str) -> Iterator[str]:
    if shown.related:
        yield f"{_say('related', lang)}:"
    for item in shown.related:
        row = item.message
        yield f"  {moment(stated(row))}  {row.kind}  {row.sha256}"
        yield f"      {row.subject} - {', '.join(_link(link, lang) for link in item.why)}"


def _proofs(proofs: tuple[Proof, ...], lang: str) -> Iterator[str]:
    """Messages that the same volume proves since the same moment share a line."""
    for (volume, since), group in groupby(sorted((proof.volume or "", _utc(proof.since)) for proof in proofs)):
        proven = f"{_say('since', lang)} {since}" if since else _say("not yet", lang)
        where = f"volume {volume}" if volume else _say("open", lang)
        yield f"  {where}: {_say('messages', lang)} {len(list(group))}, {proven}"


def moment(at: datetime) -> str:
    """A time as its clock stated it, with the offset, and UTC beside."""
    return f"{at:%d/%m/%Y %H:%M:%S (%z)} [{_utc(at)}]"


def _utc(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at else ""


def signature(outcomes: str, lang: str) -> str:
    """The four answers on a provider's signature; that there is none when nobody signed."""
    if not outcomes:
        return _say("unsigned", lang)
    return ", ".join(_word(words, answer, lang) for words, answer in zip(ANSWERS, read_outcomes(outcomes), strict=True))


def _link(link: str, lang: str) -> str:
    return next(
        (f"{_word(LINKS, kind, lang)} {link.removeprefix(kind)}" for kind in LINKS if link.startswith(kind)), link
    )


def _say(term: str, lang: str) -> str:
    return _word(_TERMS, term, lang)


def _word(words: Words, key: str, lang: str) -> str:
    italian, english = words[key]
    return english if lang == "en" else italian
