"""Findings about what was discarded (scarto), and is there all the same."""

from archiver.verdict.row import Row

DISCARDS: dict[str, Row] = {
    "SWEEP_DISCARDED": Row(
        "error",
        "",
        "AgID LG 4.11; GDPR 5.1 e",
        "Scartato con {found}, e qui c'è ancora o è ricomparso (dal {since}): `archiver discard execute {found}`",
        "Discarded by {found}, and still or again here (since {since}): `archiver discard execute {found}`",
    ),
    "DISCARD_RESTRICTED": Row(
        "warning",
        "",
        "GDPR 18.1 b, c",
        "{count} dei messaggi elencati hanno il trattamento limitato: chi si oppose può volere che non siano distrutti:"
        " sentirlo prima, o `archiver hold place`",
        "The processing of {count} of the messages listed is restricted: whoever objected may want them kept: ask"
        " first, or `archiver hold place`",
    ),
}
