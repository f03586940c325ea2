"""Findings of a rebuild: what the store no longer tells, or tells otherwise than other objects say."""

from archiver.verdict.row import Row

REBUILT: dict[str, Row] = {
    "REBUILD_MISSING": Row(
        "error",
        "SIGNED_DATA_NOT_FOUND",
        "CAD, art. 44; linee guida AgID, 4.9",
        "Oggetto mancante, di cui parla {by}",
        "Object missing, of which {by} speaks",
    ),
    "REBUILD_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "CAD, art. 44; linee guida AgID, 4.9",
        "Oggetto illeggibile: {reason}",
        "Object that cannot be read: {reason}",
    ),
    "REBUILD_ALTERED": Row(
        "error",
        "HASH_FAILURE",
        "CAD, art. 44; linee guida AgID, 4.9",
        "Contenuto alterato: SHA-256 atteso {expected}, trovato {found}",
        "Content altered: SHA-256 expected {expected}, found {found}",
    ),
    "REBUILD_UNEXPLAINED": Row(
        "error",
        "SIGNED_DATA_NOT_FOUND",
        "CAD, art. 44; linee guida AgID, 4.9",
        "Tra questo rapporto e il precedente che resta ne mancano altri: non si sa quanti",
        "Between this rapporto and the one that is left before it others are missing: nobody knows how many",
    ),
    "REBUILD_NOT_CONFIGURED": Row(
        "info",
        "",
        "",
        "Casella non più configurata: righe rifatte dai suoi rapporti, la prossima chiusura di volumi la chiede",
        "Mailbox no longer configured: its rows were made from its rapporti, the next volume to be closed needs it",
    ),
    "REBUILD_NOT_CLOSED": Row(
        "info",
        "",
        "",
        "Volume sigillato e non ancora chiuso: `archiver seal` lo riprende",
        "Volume sealed and not closed yet: `archiver seal` takes it up",
    ),
}
