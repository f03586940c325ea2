"""Findings about reports: those of sweeps, the certificates of purges."""

from archiver.verdict.row import Row

REPORTS: dict[str, Row] = {
    "REPORT_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "formato 1, resoconti",
        "Resoconto illeggibile: {reason}.",
        "Report that cannot be read: {reason}.",
    ),
    "REPORT_ELSEWHERE": Row(
        "error",
        "HASH_FAILURE",
        "formato 1, resoconti",
        "Resoconto alterato o fuori posto: dice di essere {found}.",
        "Report that was altered, or is out of place: it says it is {found}.",
    ),
    "REPORT_MISSING": Row(
        "error",
        "",
        "formato 1, resoconti",
        "Manca il resoconto precedente {expected}.",
        "The report before it, {expected}, is missing.",
    ),
    "REPORT_FORKED": Row(
        "error",
        "",
        "formato 1, resoconti",
        "Segue lo stesso resoconto che è già seguito da {found}.",
        "Follows the same report that {found} follows.",
    ),
    "REPORT_TWICE": Row(
        "error",
        "FORMAT_FAILURE",
        "formato 1, resoconti",
        "Lo stesso resoconto è qui anche firmato, {found}: questo non è stato scritto dall'archivio.",
        "The same report is here signed too, {found}: the archive has not written this one.",
    ),
    "REPORT_NOT_COVERED": Row(
        "warning",
        "NO_POE",
        "RFC 4998",
        "Né una marca della firma né un evidence record prova ancora da quando esiste: lo fa il prossimo"
        " `archiver seal`.",
        "Neither a signature timestamp nor an evidence record proves yet since when it exists: the next `archiver seal`"
        " makes one.",
    ),
    "REPORTS_UNSEALED": Row(
        "warning",
        "",
        "EN 319 122-1",
        "Resoconti senza firma: {found}. Il loro autore non è provato; l'integrità sì, dall'evidence record.",
        "Reports without a signature: {found}. Nothing proves their author; evidence records prove their integrity.",
    ),
    "REPORT_BY_HAND": Row(
        "info",
        "",
        "EN 319 122-1",
        "Resoconto archiviato senza firma, perché qui si firma a mano: lo prova l'evidence record del prossimo"
        " `archiver seal`.",
        "Report filed without a signature, since signing is by hand here: the evidence record of the next"
        " `archiver seal` proves it.",
    ),
    "REPORT_UNSIGNED": Row(
        "warning",
        "",
        "EN 319 122-1",
        "Resoconto archiviato senza firma ({reason}): lo prova l'evidence record del prossimo `archiver seal`.",
        "Report filed without a signature ({reason}): the evidence record of the next `archiver seal` proves it.",
    ),
    "REPORT_UNSTAMPED": Row(
        "warning",
        "",
        "EN 319 122-1, 6.3",
        "Resoconto firmato senza marca temporale ({reason}): il tempo lo prova l'evidence record del prossimo"
        " `archiver seal`.",
        "Report signed without a timestamp ({reason}): the evidence record of the next `archiver seal` proves its"
        " time.",
    ),
    "REPORT_NOT_LOCKED": Row(
        "warning",
        "",
        "",
        "Resoconto archiviato ma non ancora protetto dalla cancellazione ({reason}): ritenta il prossimo"
        " `archiver seal`.",
        "Report filed but not locked yet ({reason}): the next `archiver seal` tries again.",
    ),
}
