"""Findings of handing over and taking over: our own exports, and packages of other conservatori."""

from archiver.verdict.row import Row

_EXIT = "linee guida AgID sulla conservazione, 4.11; piano di cessazione: elenco di consistenza"
_SINCRO = "UNI 11386 (SInCRO)"

HANDED: dict[str, Row] = {
    "HANDED_MISSING": Row(
        "error",
        "SIGNED_DATA_NOT_FOUND",
        "RFC 8493, 3",
        "File mancante: lo elenca {by}",
        "File missing: {by} lists it",
    ),
    "HANDED_DIGEST": Row(
        "error",
        "HASH_FAILURE",
        "RFC 8493, 3",
        "Contenuto alterato: impronta attesa {expected}, trovata {found}",
        "Content altered: digest expected {expected}, found {found}",
    ),
    "HANDED_UNLISTED": Row(
        "error",
        "FORMAT_FAILURE",
        "RFC 8493, 3",
        "File che {by} non elenca: toglierlo o chiederne conto a chi consegna",
        "File that {by} does not list: take it away, or ask whoever hands over",
    ),
    "HANDED_STRANGE": Row(
        "warning", "", "", "File che non ha posto in un archivio: non preso in carico", "File without a place: left out"
    ),
    "HANDED_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        _EXIT,
        "Consegna illeggibile: {reason}",
        "What is handed over cannot be read: {reason}",
    ),
    "HANDED_SEGMENT": Row(
        "error",
        "HASH_FAILURE",
        f"{_SINCRO}, PVolume",
        "Dai file consegnati l'oggetto non torna com'era: {reason}",
        "The object does not come out of the files as it was: {reason}",
    ),
    "HANDED_DAMAGED": Row(
        "error",
        "HASH_FAILURE",
        _EXIT,
        "Già danneggiato presso chi consegna, preso in carico com'è: {reason}",
        "Damaged already where it comes from, taken over as it is: {reason}",
    ),
    "HANDED_TOLD": Row(
        "error",
        "FORMAT_FAILURE",
        _EXIT,
        "L'elenco di consistenza dice {expected}, nella consegna c'è {found}",
        "The elenco di consistenza says {expected}, what is handed over holds {found}",
    ),
    "HANDED_SAMPLE": Row(
        "info",
        "",
        _EXIT,
        "È un campione: {found} volumi; ciò che manca non è un danno",
        "This is a sample: {found} volumes; what is missing is no damage",
    ),
    "TAKEOVER_NOT_COVERED": Row(
        "warning",
        "",
        "RFC 4998",
        "Pacchetto di altri non ancora coperto da un evidence record: lo farà il prossimo `archiver seal`",
        "Package of others not covered by an evidence record yet: the next `archiver seal` does it",
    ),
    "FOREIGN_UNREADABLE": Row(
        "error", "FORMAT_FAILURE", _SINCRO, "Indice illeggibile: {reason}", "Index that cannot be read: {reason}"
    ),
    "FOREIGN_MISSING": Row(
        "error",
        "SIGNED_DATA_NOT_FOUND",
        f"{_SINCRO}, File/Path",
        "File elencato nell'indice e non consegnato",
        "File listed in the index, and not delivered",
    ),
    "FOREIGN_DIGEST": Row(
        "error",
        "HASH_FAILURE",
        f"{_SINCRO}, File/Hash",
        "Impronta {algorithm} diversa da quella dell'indice: attesa {expected}, trovata {found}",
        "{algorithm} digest other than the index's: expected {expected}, found {found}",
    ),
    "FOREIGN_ALGORITHM": Row(
        "doubt",
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
        f"{_SINCRO}, File/Hash",
        "Funzione di hash sconosciuta ({algorithm}): il file non si è potuto confrontare con l'indice",
        "Unknown hash function ({algorithm}): the file could not be compared with the index",
    ),
    "FOREIGN_WEAK": Row(
        "doubt",
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
        f"{_SINCRO}, File/Hash; ETSI TS 119 312",
        "L'indice nomina {count} file con {algorithm} soltanto: l'impronta corrisponde, ma oggi non prova l'integrità",
        "The index names {count} files by {algorithm} only: the digest agrees, and proves no integrity today",
    ),
    "FOREIGN_UNLISTED": Row(
        "info",
        "",
        f"{_SINCRO}, FileGroup",
        "File che l'indice non elenca: conservato, senza alcuna garanzia di chi consegna",
        "File that the index does not list: kept, with no warrant of whoever hands over",
    ),
    "FOREIGN_UNSIGNED": Row(
        "doubt",
        "SIGNED_DATA_NOT_FOUND",
        f"{_SINCRO}; CAD, art. 44",
        "Indice senza firma né sigillo: nessuno ne risponde",
        "Index without signature or seal: nobody answers for it",
    ),
    "FOREIGN_SIGNERS": Row(
        "doubt",
        "SIG_CONSTRAINTS_FAILURE",
        "EN 319 102-1, 5.2",
        "Indice con {count} firme: non verificate, si verifica un indice con una firma sola",
        "Index with {count} signatures: not verified, an index with one signature is",
    ),
    "FOREIGN_ELSEWHERE": Row(
        "error",
        "HASH_FAILURE",
        "RFC 3161, 2.4.2",
        "Marca temporale che non riguarda né l'indice né la sua firma: impronta {found}",
        "Time stamp about neither the index nor its signature: imprint {found}",
    ),
    "FOREIGN_TOKEN_UNREADABLE": Row(
        "doubt",
        "FORMAT_FAILURE",
        "RFC 3161; RFC 5544",
        "Marca temporale illeggibile: {reason}",
        "Time stamp that cannot be read: {reason}",
    ),
    "FOREIGN_STAMPED": Row(
        "info",
        "",
        "RFC 3161",
        "Marca temporale di {name} sull'indice: {at}",
        "Time stamp of {name} over the index: {at}",
    ),
    "FOREIGN_NOT_STAMPED": Row(
        "doubt",
        "NO_POE",
        "linee guida AgID, 4.7",
        "Nessuna marca temporale: il tempo dell'indice ({at}) è solo dichiarato",
        "No time stamp: the index's time ({at}) is only declared",
    ),
    "FOREIGN_NOT_VERIFIED": Row(
        "info",
        "",
        _EXIT,
        "Non verificato: {what}",
        "Not verified: {what}",
    ),
    "FOREIGN_MAIL_ALTERED": Row(
        "warning",
        "",
        "",
        "Messaggio alterato rispetto all'indice: preso in carico com'è",
        "Message other than the index says: taken over as it is",
    ),
}
