"""Findings about the register of accesses and acts: what a person did, and the chain of it."""

from archiver.verdict.row import Row

REGISTER: dict[str, Row] = {
    "ACT_UNREADABLE": Row(
        "error",
        "FORMAT_FAILURE",
        "formato 1, atti",
        "Atto illeggibile, o diverso da quel che dice il suo nome: {reason}.",
        "Act that cannot be read, or other than its name says: {reason}.",
    ),
    "ACT_NOT_COVERED": Row(
        "warning",
        "NO_POE",
        "RFC 4998",
        "Atti del registro che nessun evidence record copre ancora: {found}. Lo fa il prossimo `archiver seal`.",
        "Acts of the register that no evidence record covers yet: {found}. The next `archiver seal` does.",
    ),
    "ACT_MISSING": Row(
        "error",
        "",
        "formato 1, atti",
        "Manca l'atto {expected} del registro: lo nomina l'atto seguente, che è provato.",
        "The act {expected} of the register is missing: the one after it, which is proven, names it.",
    ),
    "ACT_MISSING_UNPROVEN": Row(
        "doubt",
        "",
        "formato 1, atti",
        "Manca l'atto {expected} del registro: lo nomina l'atto seguente, che ancora nulla prova.",
        "The act {expected} of the register is missing: the one after it, which nothing proves yet, names it.",
    ),
    "ACT_FORKED": Row(
        "error",
        "",
        "formato 1, atti",
        "Il registro si divide: segue lo stesso atto che è già seguito da {found}.",
        "The register forks: this follows the same act that {found} follows.",
    ),
    "ACT_ALTERED": Row(
        "error",
        "HASH_FAILURE",
        "formato 1, atti",
        "L'atto non è quello che l'atto seguente ({by}) nomina: SHA-512 attesa {expected}, trovata {found}.",
        "The act is not the one that the act after it ({by}) names: expected SHA-512 {expected}, found {found}.",
    ),
    "REGISTER_EMPTY": Row(
        "doubt",
        "SIGNED_DATA_NOT_FOUND",
        "formato 1, atti",
        "Nel registro non c'è alcun atto: nulla da verificare.",
        "There is no act in the register: nothing to verify.",
    ),
    "REGISTER_END": Row(
        "info",
        "",
        "formato 1, atti",
        "L'ultimo atto qui è {found}. Se altri lo seguivano e sono stati tolti con le loro prove, questi file non"
        " possono dirlo: lo dicono il catalogo (`archiver log verify`) e gli altri store.",
        "The last act here is {found}. If others came after it, and were removed together with their evidence, these"
        " files cannot tell: the catalog can (`archiver log verify`), and other stores.",
    ),
}
