"""Findings about what is handed to a court: the seal on the report, and what its filing system takes."""

from archiver.verdict.row import Row

DEPOSITED: dict[str, Row] = {
    "PDF_UNSIGNED": Row(
        "warning",
        "",
        "EN 319 142-1, 6.3",
        "rapporto.pdf non porta il sigillo: il firmatario configurato restituisce CMS interi o firma a mano, e il PDF "
        "resta da firmare a chi lo esibisce",
        "rapporto.pdf carries no seal: the configured signer gives whole CMS or signs by hand, and the PDF is left to "
        "be signed by whoever exhibits it",
    ),
    "DEPOSIT_SPLIT": Row(
        "info",
        "",
        "DM 44/2011, art. 34",
        "Non sta in un solo invio del {court}: diviso in {sends} invii, una cartella busta-N ciascuno",
        "Does not fit into one send of the {court}: split into {sends} sends, a folder busta-N each",
    ),
    "DEPOSIT_TOO_LARGE": Row(
        "warning",
        "",
        "DM 44/2011, art. 34",
        "{size} byte: il {court} ne accetta {limit} (dal {since}); il messaggio non è nella cartella: chiedere al "
        "giudice il deposito su supporto informatico, o depositarne gli allegati",
        "{size} bytes: the {court} takes {limit} (since {since}); the message is not in the folder: ask the court for "
        "filing on a data carrier, or file its attachments",
    ),
    "DEPOSIT_FORMAT": Row(
        "warning",
        "",
        "DM 44/2011, art. 12",
        "Contiene allegati in formati che il {court} non elenca ({formats}): il deposito può essere rifiutato "
        "({source})",
        "Holds attachments in formats that the {court} does not list ({formats}): the filing may be refused ({source})",
    ),
}
