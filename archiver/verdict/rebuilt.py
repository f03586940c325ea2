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
    "REBUILD_CONTRADICTED": Row(
        "error",
        "HASH_FAILURE",
        "CAD, art. 44; linee guida AgID, 4.9; RFC 4998, 4.3",
        "Contenuto alterato: {by} ne prova un altro",
        "Content altered: {by} proves another one",
    ),
    "REBUILD_DIFFERENT": Row(
        "error",
        "HASH_FAILURE",
        "CAD, art. 44; linee guida AgID, 4.9",
        "Contenuto diverso negli store, e nulla dice quale sia quello vero: qui SHA-256 {here}, in {store} {there};"
        " rimettere a mano quello vero, poi mettere da parte il catalogo e ripetere la ricostruzione",
        "The stores have different content, and nothing tells which is the true one: here SHA-256 {here}, in {store}"
        " {there}; put the true one back by hand, then move the catalog aside and rebuild again",
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
    "REBUILD_NOT_NOTED": Row(
        "info",
        "",
        "",
        "Evidence record non ancora conservato a lungo, lasciato fuori: `archiver seal` o `archiver renew` lo riprende",
        "Evidence record not kept for long yet, left out: `archiver seal` or `archiver renew` takes it up",
    ),
    "REBUILD_SILENT": Row(
        "warning",
        "",
        "",
        "Store che non risponde: gli atti che solo lui conserva mancano nel catalogo ({reason})",
        "Store that does not answer: acts that it alone keeps are not in the catalog ({reason})",
    ),
    "REBUILD_ELSEWHERE": Row(
        "info",
        "",
        "",
        "Letto dallo store {store}: manca in quello da cui si ricostruisce",
        "Read from store {store}: the one that is rebuilt from does not have it",
    ),
    "REBUILD_AGAIN": Row(
        "warning",
        "",
        "",
        "Di ciò che manca il catalogo sa solo quanto ne dicono altri oggetti, e la ricerca non lo trova: riparare"
        " (`archiver sweep --repair`), poi mettere da parte il catalogo e ripetere la ricostruzione",
        "Of what is lost the catalog knows only what other objects say, and no search finds it: repair"
        " (`archiver sweep --repair`), then move the catalog aside and rebuild again",
    ),
}
