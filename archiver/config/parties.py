"""Persons in a configuration: who holds, who hands over, who is responsible, who signs."""

from datetime import date

from archiver.config.table import Table
from archiver.config.values import Party, Responsible

_CODE = r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]|\d{11}"
_NEVER = date.max


def party(table: Table) -> Party:
    """A person, legal or natural. Takes what is left of the table, and closes it."""
    legal = table.text("type", "legal person", one_of=("legal person", "natural person")) == "legal person"
    found = Party(
        legal=legal,
        name=table.text("name", hint="the name of the organisation") if legal else "",
        first_name="" if legal else table.text("first_name"),
        last_name="" if legal else table.text("last_name"),
        tax_code=table.text(
            "tax_code", "", pattern=_CODE, hint="must be a codice fiscale (16 characters or 11 digits)"
        ),
        vat=table.text("vat", "", pattern=r"\d{11}", hint="must be a partita IVA (11 digits)"),
        document=table.text("document", hint="the act that gives the role, such as a nomination with its date"),
    )
    if not found.tax_code and not found.vat:
        table.complain("tax_code", "is missing: codice fiscale, or vat = partita IVA")
    table.close()
    return found


def responsible(table: Table) -> Responsible:
    """A responsabile della conservazione and the term of the nomination."""
    since, until = table.day("valid_from"), table.day("valid_to")
    if since is None:
        table.complain("valid_from", "is missing: the day of the nomination, such as 2026-01-31")
    person = party(table)
    if until and since and until < since:
        table.complain("valid_to", f"{until} lies before valid_from {since}")
    return Responsible(person, since or _NEVER, until)
