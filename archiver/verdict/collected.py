"""Findings about trust material: what could not be had on the day, and the batches that it is kept in."""

from archiver.verdict.row import Row

TRUST: dict[str, Row] = {
    # collected on the day: archiver.collect
    "REVOCATION_NOT_FETCHED": Row(
        "warning",
        "",
        "RFC 5280, 6.3; RFC 6960, 4",
        "Stato di revoca di {name} non acquisito da {url}: {reason}",
        "Revocation status of {name} not had from {url}: {reason}",
    ),
    "REVOCATION_NO_SOURCE": Row(
        "info",
        "",
        "RFC 5280, 4.2.1.13 and 4.2.2.1",
        "Il certificato di {name} non dice dove trovare CRL o OCSP (via http o https): indicarne la CRL nella "
        "configurazione (`crls`)",
        "The certificate of {name} does not say where its CRL or OCSP is (over http or https): name a file with its "
        "CRL in the configuration (`crls`)",
    ),
    "LINEAGE_ADOPTED": Row(
        "warning",
        "",
        "RFC 6283, 9.4",
        "Nessuna TSA configurata è, o succede a, quella che iniziò questa prova: la rinnova {tsa}; per due prove "
        "indipendenti indicare chi succede (`succeeds`)",
        "No configured TSA is, or succeeds, the one that began this evidence: {tsa} renews it; for two independent "
        "proofs say who succeeds it (`succeeds`)",
    ),
    "SIGNERS_NOT_ASKED": Row(
        "warning",
        "",
        "RFC 5280, 6.3; EN 319 102-1, 5.2.5",
        "Stato di revoca di altri {more} firmatari di allegati non acquisito: {limit} per volta",
        "Revocation status of {more} more signers of attachments not had: {limit} at a time",
    ),
    "LIST_NOT_FETCHED": Row(
        "warning",
        "",
        "ETSI TS 119 612; eIDAS, art. 22",
        "Elenco di fiducia non acquisito: {reason}",
        "Trusted list not had: {reason}",
    ),
    "REVOCATION_NOT_SHOWN": Row(
        "info",
        "",
        "RFC 5280, 6.3; EN 319 102-1, 5.2.5",
        "Nessuna lista e nessuna risposta OCSP dice se {name} fosse revocato al {at}: non è stato escluso",
        "No list and no OCSP response says whether {name} was revoked at {at}: it was not ruled out",
    ),
    # trust batches: archiver.verify.batch
    "BATCH_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "",
        "Elenco del materiale di fiducia illeggibile: {reason}",
        "List of trust material unreadable: {reason}",
    ),
    "BATCH_NOT_COVERED": Row(
        "warning",
        "",
        "RFC 4998",
        "Materiale di fiducia non ancora coperto da un evidence record: eseguire `archiver seal`.",
        "Trust material not covered by an evidence record yet: run `archiver seal`.",
    ),
}
