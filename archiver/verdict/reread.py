"""Findings about whether a message can still be read (`archiver.pec.readable`)."""

from archiver.verdict.row import Row

READABLE: dict[str, Row] = {
    "READABLE_HEADER": Row(
        "warning",
        "",
        "RFC 2047; RFC 2231",
        "Intestazione {name}: non leggibile per intero nell'insieme di caratteri {charset}",
        "Header {name}: cannot be read without loss in charset {charset}",
    ),
    "READABLE_TEXT": Row(
        "warning",
        "",
        "RFC 2046, 4.1.2",
        "Un testo non è leggibile per intero nell'insieme di caratteri {charset}",
        "A text cannot be read without loss in charset {charset}",
    ),
    "READABLE_ENCODING": Row(
        "warning",
        "",
        "RFC 2045, 6",
        "Una parte non esce per intero dalla codifica di trasferimento {encoding}",
        "A part does not come whole out of its transfer encoding {encoding}",
    ),
    "READABLE_LIMIT": Row(
        "info",
        "",
        "",
        "Riletto fino a {limit}; il resto non è stato aperto",
        "Read again up to {limit}; the rest was not opened",
    ),
}
