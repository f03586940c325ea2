"""Findings of sweeps: what is wrong with objects of the store, each in one of its copies."""

from archiver.verdict.row import Row

SWEPT: dict[str, Row] = {
    "SWEEP_MISSING": Row(
        "error",
        "SIGNED_DATA_NOT_FOUND",
        "CAD, art. 44; linee guida AgID, 4.9",
        "Oggetto mancante (dal {since})",
        "Object missing (since {since})",
    ),
    "SWEEP_BEHIND": Row(
        "warning",
        "",
        "",
        "Oggetto che questa replica non ha ancora avuto (dal {since}): lo porta archiver replicate",
        "Object that this replica was not given yet (since {since}): archiver replicate brings it",
    ),
    "SWEEP_SIZE": Row(
        "error",
        "HASH_FAILURE",
        "CAD, art. 44; linee guida AgID, 4.9",
        "Dimensione diversa da quella conservata: {found} byte (dal {since})",
        "Another size than what was archived: {found} bytes (since {since})",
    ),
    "SWEEP_DIGEST": Row(
        "error",
        "HASH_FAILURE",
        "CAD, art. 44; linee guida AgID, 4.9",
        "Contenuto alterato: SHA-256 trovato {found} (dal {since})",
        "Content altered: found SHA-256 {found} (since {since})",
    ),
    "SWEEP_UNREADABLE": Row(
        "error",
        "HASH_FAILURE",
        "CAD, art. 44; linee guida AgID, 4.9",
        "Oggetto che lo store non riesce a leggere: {found} (dal {since})",
        "Object that the store cannot read: {found} (since {since})",
    ),
    "SWEEP_MEMBERS": Row(
        "error",
        "HASH_FAILURE",
        "UNI 11386; RFC 4998, 4.3",
        "Il volume non è più provato da ciò che lo store contiene: {found} (dal {since})",
        "What the store holds does not prove the volume any more: {found} (since {since})",
    ),
    "SWEEP_HIDDEN": Row(
        "error",
        "",
        "",
        "Oggetto nascosto da un marcatore di cancellazione (dal {since}); i byte ci sono",
        "Object hidden under a delete marker (since {since}); its bytes are there",
    ),
    "SWEEP_OTHERS": Row(
        "warning",
        "",
        "",
        "Accanto all'oggetto ci sono {found} versioni che nessuna riparazione spiega (dal {since})",
        "Beside the object lie {found} versions that no repair accounts for (since {since})",
    ),
    "SWEEP_LOCK": Row(
        "error",
        "",
        "D.P.R. 600/1973, art. 22; linee guida AgID, 4.9",
        "Blocco più corto del termine di conservazione: {found} (dal {since})",
        "Lock shorter than the retention asks for: {found} (since {since})",
    ),
    "SWEEP_UNEXPECTED": Row(
        "error",
        "",
        "",
        "Oggetto che nessuno ha promesso: non appartiene all'archivio (dal {since})",
        "Object that nobody promised: it does not belong to the archive (since {since})",
    ),
    "SWEEP_UNFINISHED": Row(
        "info",
        "",
        "",
        "Oggetto di un lavoro interrotto, che la prossima esecuzione riprende (dal {since})",
        "Object of work that was cut short, which the next run takes up (since {since})",
    ),
}
