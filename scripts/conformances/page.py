"""`ops/conformance.md`: the table for people, each reason once."""

from collections.abc import Iterable, Sequence
from datetime import date

from conformances.artefact import Artefact
from conformances.judging import Line

HEAD = """# Conformance

Written by `scripts/conformance --write`, never by hand. What this archive makes is put before judges that share no code
with it, sound and altered; what BouncyCastle makes is put before ours too. The artefacts are made anew by the archive's
own code at every run: a sealed volume of 2026, its evidence record renewed by two more authorities until 2040
(`scripts/conformances/history.py`). Each is judged a day after its last token, with the three anchors and a list of
revocations of each; nothing is fetched.

A judge reads what he knows: openssl and pyHanko seals and tokens, BouncyCastle evidence records, DSS (with the policy
that it ships) and our own judge all of it, ASiC-E containers too. DSS passes a seal without its timestamp, and a record
(alone or in a container) without the files that are not in its lists, and says both beside its verdict: here both
count. A cell with a number is not what one would expect: the reason is below.
"""


def markdown(lines: Sequence[Line], versions: Sequence[str], day: date) -> str:
    """The whole page."""
    judges = sorted(dict.fromkeys(line.judge for line in lines), key=str.lower)
    reasons = list(dict.fromkeys(line.reason for line in lines if line.reason))
    ours = [line for line in lines if not _theirs(line.artefact)]
    theirs = [line for line in lines if _theirs(line.artefact)]
    parts = [
        HEAD,
        f"Judges, {day:%-d %B %Y}: {'; '.join(versions)}. {_counted(lines)}\n",
        "## What must be accepted\n",
        _table([line for line in ours if line.artefact.good], judges, reasons),
        "## What must be refused\n",
        _table([line for line in ours if not line.artefact.good], judges, reasons),
        "## What BouncyCastle makes and renews\n",
        _table(theirs, judges, reasons),
        "## Reasons\n",
        "".join(f"{number}. {reason}.\n" for number, reason in enumerate(reasons, 1)),
    ]
    return "\n".join(parts)


def _counted(lines: Sequence[Line]) -> str:
    fit = sum(line.expected == line.given for line in lines)
    return f"{len(lines)} lines, {fit} as expected, {len(lines) - fit} with a reason."


def _table(lines: Sequence[Line], judges: Sequence[str], reasons: Sequence[str]) -> str:
    by_key = {(line.artefact.name, line.judge): line for line in lines}
    artefacts = {line.artefact.name: line.artefact for line in lines}
    head = ["artefact", "what", "expected", *judges]
    rows = [head, ["---"] * len(head)]
    for name, artefact in artefacts.items():
        cells = (_cell(by_key.get((name, judge)), reasons) for judge in judges)
        expected = next(line.expected for line in lines if line.artefact.name == name)
        rows.append([f"`{name}`", artefact.what, expected, *cells])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(line: Line | None, reasons: Iterable[str]) -> str:
    if line is None:
        return ""
    mark = f" ({list(reasons).index(line.reason) + 1})" if line.reason else ""
    return f"{line.given}{mark}"


def _theirs(artefact: Artefact) -> bool:
    return artefact.name.startswith("BouncyCastle/")
