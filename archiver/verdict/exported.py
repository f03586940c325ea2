"""Findings about what leaves the archive: ASiC-E containers and the auditor's export."""

from archiver.verdict.row import Row

EXPORTED: dict[str, Row] = {
    "ASICE_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "EN 319 162-1, 4.4",
        "Il contenitore ASiC-E non si può leggere: {reason}",
        "The ASiC-E container cannot be read: {reason}",
    ),
    "ASICE_DIGEST": Row(
        "error",
        "HASH_FAILURE",
        "EN 319 162-1, 4.4.3",
        "Impronta {algorithm} attesa dal manifesto {expected}, trovata {found}",
        "{algorithm} digest expected by the manifest {expected}, found {found}",
    ),
    "ASICE_MISSING": Row(
        "error",
        "SIGNED_DATA_NOT_FOUND",
        "EN 319 162-1, 4.4.3",
        "Elencato nel manifesto e assente dal contenitore",
        "Listed in the manifest, and not in the container",
    ),
    "ASICE_UNCOVERED": Row(
        "error",
        "FORMAT_FAILURE",
        "EN 319 162-1, 4.4.3",
        "Nel contenitore senza che il manifesto {manifest} lo elenchi: nessun evidence record lo prova",
        "In the container, and not listed in the manifest {manifest}: no evidence record proves it",
    ),
    "ASICE_ALGORITHM": Row(
        "error",
        "FORMAT_FAILURE",
        "EN 319 162-1, 4.4.3",
        "Il manifesto usa {found}, la prima marca dell'evidence record {expected}",
        "The manifest uses {found}, the first time stamp of the evidence record {expected}",
    ),
    "ASICE_PART": Row(
        "info",
        "",
        "UNI 11386:2020",
        "Contiene {shown} dei {total} messaggi che l'indice del volume elenca",
        "Holds {shown} of the {total} messages that the volume's index lists",
    ),
    "EXPORT_DAMAGED": Row(
        "error",
        "HASH_FAILURE",
        "CAD, art. 44; linee guida AgID, 4.9",
        "Non esportato, perché non è più quello promesso dall'indice: {reason}",
        "Not exported, since it is not what the index promises: {reason}",
    ),
    "EXPORT_PENDING": Row(
        "doubt",
        "NO_POE",
        "UNI 11386:2020",
        "Di nessun volume ancora: lo prova il rapporto di versamento, e ancora nessun indice sigillato",
        "Of no volume yet: the rapporto di versamento proves it, and no sealed index yet",
    ),
}
