"""Findings that only the page of an exhibit has: what a browser reads, and what it cannot compute."""

from archiver.verdict.row import Row

BROWSED: dict[str, Row] = {
    "PAGE_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "formato 1, esibizione",
        "Illeggibile: {reason}.",
        "It cannot be read: {reason}.",
    ),
    "PAGE_ZIP64": Row(
        "error",
        "FORMAT_FAILURE",
        "APPNOTE 4.3.14",
        "Questo ZIP è troppo grande per questa pagina (ZIP64): estrarlo in una cartella, poi premere «Scegliere la"
        " cartella».",
        "This ZIP is too large for this page (ZIP64): extract it to a folder, then press “Choose the folder”.",
    ),
    "PAGE_NOT_COMPUTED": Row(
        "doubt",
        "GENERIC",
        "RFC 5652, 5.6",
        "Questa pagina non sa calcolare la firma ({algorithm}): usare uno degli altri strumenti indicati.",
        "This page cannot compute the signature ({algorithm}): use one of the other tools that are named.",
    ),
    "PAGE_PROVIDERS": Row(
        "info",
        "",
        "RFC 6109, 3.1; RFC 8551, 3.5.3",
        "Firme dei gestori PEC: {intact} integre, {altered} che non corrispondono, {unsigned} messaggi senza firma,"
        " {unknown} non verificabili qui.",
        "Signatures of the PEC providers: {intact} intact, {altered} that do not fit, {unsigned} messages without one,"
        " {unknown} that cannot be verified here.",
    ),
    "PAGE_PROVIDER_BROKEN": Row(
        "warning",
        "",
        "RFC 6109, 3.1; RFC 8551, 3.5.3",
        "La firma del gestore non corrisponde al messaggio: è conservato così come è arrivato, e vale come tale.",
        "The provider's signature does not fit the message: it is kept as it came, and is worth no more than that.",
    ),
    "PAGE_PROVIDER_UNREAD": Row(
        "warning",
        "",
        "RFC 6109, 3.1; RFC 8551, 3.5.3",
        "La firma del gestore non è verificabile in questa pagina.",
        "The provider's signature cannot be verified in this page.",
    ),
}
