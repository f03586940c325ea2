"""The certificate of continuity in words, Italian or English, a line at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from archiver.access.continuity import FAILING, Certificate, Count, FolderRecord, Gap
from archiver.submission.rows import Outcome

_ROME = ZoneInfo("Europe/Rome")

_OTHERS = "le altre, come bozze e posta indesiderata, non sono oggetto di questa attestazione"
_UNREAD = "non letta nell'ultima lettura della casella"

_ENGLISH = {
    "ATTESTAZIONE DI CONTINUITÀ": "CERTIFICATE OF CONTINUITY",
    "casella": "mailbox",
    "alla data": "as of",
    "esito": "outcome",
    "nessun messaggio saltato": "no message was skipped",
    "vi sono messaggi non acquisiti: vedere sotto": "there are messages that could not be taken in: see below",
    "mai letta da un server: nulla da attestare": "never read from a server: nothing to certify",
    "cartella": "folder",
    "sostituita dal server": "given up by the server",
    _OTHERS: "the others, such as drafts and junk, are not the matter of this certificate",
    "cartelle lette": "folders read",
    "l'ultima lettura non è arrivata in fondo: ripetere `archiver ingest`": (
        "the last poll did not come to its end: run `archiver ingest` again"
    ),
    "mai letta fino in fondo": "never read to its end",
    _UNREAD: "not read by the mailbox's last poll",
    "letture": "polls",
    "dal": "from",
    "al": "to",
    "UID esaminati": "UIDs examined",
    "archiviati": "archived",
    "già in archivio": "kept already",
    "nessuno": "none",
    "senza messaggio in archivio": "without a message in the archive",
    "confronto con il server": "compared with the server",
    "presenti": "present",
    "in archivio": "in the archive",
    "da ritentare": "to be tried again",
    "MANCANTI": "MISSING",
    "assenti alla prima lettura: cancellati, spostati o mai assegnati prima": (
        "absent at the first poll: deleted, moved or never assigned before"
    ),
    "mai assegnati, o cancellati o spostati prima di essere letti": (
        "never assigned, or deleted or moved before they were read"
    ),
    "non acquisiti; la cartella è stata rifatta e riletta": "not taken in; the folder was made anew and read again",
    "non acquisiti dopo tre notti": "not taken in after three nights",
    "non ancora acquisiti, si ritenta": "not taken in yet, will be tried again",
    "tra il": "between",
    "e il": "and",
}


def attested(certificate: Certificate, lang: str) -> Iterator[str]:
    """The whole certificate; `lang` is `it` or `en`."""
    yield _say("ATTESTAZIONE DI CONTINUITÀ", lang)
    yield f"{_say('casella', lang)}: {certificate.mailbox} <{certificate.address}>"
    yield f"{_say('alla data', lang)}: {_time(certificate.at)}"
    yield f"{_say('esito', lang)}: {_say(_outcome(certificate), lang)}"
    if certificate.asked:
        yield f"{_say('cartelle lette', lang)}: {', '.join(certificate.asked)} ({_say(_OTHERS, lang)})"
    for name in certificate.unread:
        yield f"! {_say('cartella', lang)} {name}: {_say(_UNREAD, lang)}"
    for folder in certificate.folders:
        yield ""
        yield from _folder(folder, lang)


def _outcome(certificate: Certificate) -> str:
    if not certificate.folders:
        return "mai letta da un server: nulla da attestare"
    if certificate.complete:
        return "nessun messaggio saltato"
    if not certificate.ended:
        return "l'ultima lettura non è arrivata in fondo: ripetere `archiver ingest`"
    return "vi sono messaggi non acquisiti: vedere sotto"


def _folder(folder: FolderRecord, lang: str) -> Iterator[str]:
    yield f"{_say('cartella', lang)} {folder.folder}, UIDVALIDITY {folder.validity}{_standing(folder, lang)}"
    if folder.since and folder.until:
        yield (
            f"  {_say('letture', lang)}: {folder.polls}, {_say('dal', lang)} {_time(folder.since)}"
            f" {_say('al', lang)} {_time(folder.until)}"
        )
    examined = f"{folder.first}-{folder.last}" if folder.last else _say("nessuno", lang)
    yield f"  {_say('UID esaminati', lang)}: {examined}"
    yield f"  {_say('archiviati', lang)}: {folder.archived}; {_say('già in archivio', lang)}: {folder.known}"
    if folder.server:
        yield _counted(folder.server, lang)
    if folder.gaps:
        yield f"  {_say('senza messaggio in archivio', lang)}:"
    for gap in folder.gaps:
        yield _gap(gap, lang, current=folder.current)


def _standing(folder: FolderRecord, lang: str) -> str:
    if folder.server is None:
        return f" ({_say('mai letta fino in fondo', lang)})"
    if not folder.current:
        return f" ({_say('sostituita dal server', lang)})"
    return "" if folder.read else f" ({_say(_UNREAD, lang)})"


def _counted(server: Count, lang: str) -> str:
    missing = f", {_say('MANCANTI', lang)} {server.missing}" if server.missing else ""
    again = f", {_say('da ritentare', lang)} {server.failing}" if server.failing else ""
    return (
        f"  {_say('confronto con il server', lang)} {_time(server.at)}: {_say('presenti', lang)} {server.present},"
        f" {_say('in archivio', lang)} {server.kept}{again}{missing}"
    )


def _gap(gap: Gap, lang: str, *, current: bool) -> str:
    reasons = {
        Outcome.GONE: "mai assegnati, o cancellati o spostati prima di essere letti",
        Outcome.REFUSED: "non acquisiti dopo tre notti",
        FAILING: "non ancora acquisiti, si ritenta",
    }
    text = reasons[gap.outcome]
    if gap.outcome == FAILING and not current:
        text = "non acquisiti; la cartella è stata rifatta e riletta"
    if gap.outcome == Outcome.GONE and gap.since is None:
        text = "assenti alla prima lettura: cancellati, spostati o mai assegnati prima"
    when = (
        f"{_say('tra il', lang)} {_time(gap.since)} {_say('e il', lang)} {_time(gap.at)}"
        if gap.since
        else _time(gap.at)
    )
    why = f": {gap.reason}" if gap.reason else ""
    return f"    UID {gap.uids} ({gap.count}), {when}: {_say(text, lang)}{why}"


def _time(at: datetime) -> str:
    return f"{at.astimezone(_ROME):%d/%m/%Y %H:%M:%S (%z)} = {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _say(italian: str, lang: str) -> str:
    return italian if lang == "it" else _ENGLISH[italian]
