"""Findings of the periodic check of integrity and readability, and of the yearly integrity report."""

from archiver.verdict.row import Row

_DUTY = "linee guida AgID, 4.5 e 4.7"

VERIFIED: dict[str, Row] = {
    "VERIFICA_NO_SWEEP": Row(
        "doubt",
        "",
        _DUTY,
        "Nel periodo nessun controllo delle copie ha lasciato un resoconto: eseguire `archiver sweep --deep` e redigere"
        " di nuovo il verbale.",
        "No check of the copies left a report in the period: run `archiver sweep --deep`, and make the record again.",
    ),
    "VERIFICA_REPORT_LOST": Row(
        "doubt",
        "",
        "formato 1, resoconti",
        "Il resoconto {name} non si legge: ciò che diceva manca in questo verbale. `archiver verify` dice perché.",
        "The report {name} cannot be read: what it said is not in this record. `archiver verify` says why.",
    ),
    "VERIFICA_NO_CENSUS": Row(
        "doubt",
        "",
        _DUTY,
        "Il catalogo non sa quali copie vi siano (è nuovo, o ricostruito): eseguire `archiver sweep --all` e redigere"
        " di"
        " nuovo il verbale.",
        "The catalog does not know which copies there are (it is new, or was made again): run `archiver sweep --all`,"
        " and"
        " make the record again.",
    ),
    "VERIFICA_UNREAD": Row(
        "doubt",
        "",
        _DUTY,
        "{number} oggetti della copia non sono stati riletti né nel periodo né entro i giorni promessi, il più"
        " vecchio dal"
        " {oldest}: eseguire `archiver sweep --all`.",
        "{number} objects of the copy were read neither in the period nor within the promised days, the oldest since"
        " {oldest}: run `archiver sweep --all`.",
    ),
    "VERIFICA_UNOPENED": Row(
        "doubt",
        "",
        _DUTY,
        "I messaggi di {number} segmenti non sono stati aperti nei termini: la leggibilità non ne è verificata."
        " Eseguire"
        " `archiver sweep --deep`.",
        "The messages of {number} segments were not opened in time: their readability was not checked. Run"
        " `archiver sweep --deep`.",
    ),
    "VERIFICA_OPEN": Row(
        "error",
        "HASH_FAILURE",
        "CAD, art. 44; linee guida AgID, 4.9",
        "{number} danni aperti alle copie: eseguire `archiver sweep --repair`; ciò che nessuna copia ha più integro va"
        " chiesto a chi ne detiene un duplicato.",
        "{number} open damages of the copies: run `archiver sweep --repair`; what no copy has intact any more must be"
        " asked of whoever holds a duplicate.",
    ),
    "VERIFICA_LOOKED_AT": Row(
        "warning",
        "",
        "",
        "{number} altri rilievi aperti sulle copie (blocchi, oggetti estranei, copie in ritardo): `archiver"
        " replicate`, poi `archiver sweep`.",
        "{number} other open findings about the copies (locks, unexpected objects, late copies): `archiver"
        " replicate`, then `archiver sweep`.",
    ),
    "VERIFICA_INCOMPLETE": Row(
        "warning",
        "",
        "",
        "{number} controlli del periodo non sono arrivati in fondo: un deposito non rispondeva. Vedere i resoconti.",
        "{number} checks of the period did not come to their end: a store did not answer. See their reports.",
    ),
    "VERIFICA_RENEWAL_PAST": Row(
        "error",
        "EXPIRED",
        "RFC 4998, 5",
        "Evidence record non rinnovati in tempo: {number}, dal {until}. Eseguire subito `archiver renew`.",
        "Evidence records that were not renewed in time: {number}, since {until}. Run `archiver renew` now.",
    ),
    "VERIFICA_RENEWAL_DUE": Row(
        "warning",
        "",
        "RFC 4998, 5",
        "Evidence record da rinnovare entro 90 giorni: {number}, il primo entro il {until}. Eseguire `archiver renew`.",
        "Evidence records to renew within 90 days: {number}, the first before {until}. Run `archiver renew`.",
    ),
    "VERIFICA_BROKEN_MAIL": Row(
        "info",
        "",
        "RFC 5322; RFC 2045",
        "{number} messaggi hanno intestazioni o struttura MIME che non si aprono del tutto: sono così dall'ingresso, e"
        " si conservano così. Nessuna azione.",
        "{number} messages have headers or a MIME structure that do not open wholly: they are so since intake, and are"
        " kept so. Nothing to do.",
    ),
    "VERIFICA_AT_RISK": Row(
        "warning",
        "",
        "linee guida AgID, Allegato 2, 3.1 e 3.3",
        "{number} allegati in formati a rischio ({formats}). Proposta: valutare il riversamento in un formato"
        " leggibile, conservando l'originale insieme alla copia e legato ad essa; nessun originale si sostituisce.",
        "{number} attachments in formats at risk ({formats}). Proposed: consider migration into a readable format, the"
        " original kept with the copy and linked to it; no original is replaced.",
    ),
    "VERIFICA_UNKNOWN": Row(
        "warning",
        "",
        "linee guida AgID, Allegato 2, 3.1",
        "{number} allegati di formato ignoto. Proposta: identificarli e aggiornare la valutazione di interoperabilità.",
        "{number} attachments of unknown format. Proposed: identify them, and bring the evaluation of interoperability"
        " up to date.",
    ),
    "VERIFICA_ENCRYPTED": Row(
        "warning",
        "",
        "linee guida AgID, Allegato 2, 3.1",
        "{number} allegati cifrati: si leggono solo con un segreto che l'archivio non ha. Proposta: chiedere a chi li"
        " usa se la chiave è conservata altrove.",
        "{number} encrypted attachments: they are read only with a secret that the archive has not. Proposed: ask those"
        " who use them whether the key is kept elsewhere.",
    ),
    "VERIFICA_PENDING": Row(
        "info",
        "",
        "UNI 11386:2020",
        "{number} messaggi attendono la chiusura del loro volume: li prova il rapporto di versamento.",
        "{number} messages wait for their volume to close: the rapporto di versamento proves them.",
    ),
}
