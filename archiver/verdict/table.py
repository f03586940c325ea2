"""The table of findings: severity, sub-indication of EN 319 102-1, clause, and the text in Italian and English.

Literals, so that a lawyer can read all that this system may ever say. Codes are never reused.
"""

from archiver.verdict.arrived import PEC
from archiver.verdict.believed import EVIDENCE
from archiver.verdict.browsed import BROWSED
from archiver.verdict.collected import TRUST
from archiver.verdict.deposited import DEPOSITED
from archiver.verdict.discarded import DISCARDS
from archiver.verdict.exhibited import EXHIBITED
from archiver.verdict.exported import EXPORTED
from archiver.verdict.handed import HANDED
from archiver.verdict.judged import JUDGE
from archiver.verdict.rebuilt import REBUILT
from archiver.verdict.registered import REGISTER
from archiver.verdict.reported import REPORTS
from archiver.verdict.reread import READABLE
from archiver.verdict.row import Row
from archiver.verdict.swept import SWEPT
from archiver.verdict.verified import VERIFIED

TABLE: dict[str, Row] = {
    **PEC,
    **EVIDENCE,
    **JUDGE,
    **TRUST,
    **REPORTS,
    **REGISTER,
    **REBUILT,
    **SWEPT,
    **DISCARDS,
    **READABLE,
    **HANDED,
    **EXHIBITED,
    **DEPOSITED,
    **EXPORTED,
    **BROWSED,
    **VERIFIED,
}
