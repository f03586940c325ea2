"""The shape of one row of the table of findings."""

from typing import NamedTuple


class Row(NamedTuple):
    """One code: `severity` is info, warning, doubt or error; texts may name `{values}` of the finding."""

    severity: str
    sub: str
    clause: str
    italian: str
    english: str
