"""The room that joins: it knows the configuration, the adapters and the errands, and nothing else knows all three.

A name comes from its module when somebody asks for it: who looks at the state of the archive does not wait for what
prints an exhibit. No module of this room is called like a name.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archiver.access import Found as Found
    from archiver.access import Query as Query
    from archiver.access import lines as lines
    from archiver.access.alarms import Alarm as Alarm
    from archiver.access.attestation import attested as attested
    from archiver.access.continuity import Certificate as Certificate
    from archiver.access.registered import Filters as Filters
    from archiver.access.registered import entry_lines as entry_lines
    from archiver.access.registered import judged_lines as judged_lines
    from archiver.access.registered import table as table
    from archiver.access.spreadsheet import spreadsheet as spreadsheet
    from archiver.access.trust import Entry as Entry
    from archiver.access.trust import called as called
    from archiver.access.trust_words import trust_lines as trust_lines
    from archiver.compose.access import continuity as continuity
    from archiver.compose.access import show as show
    from archiver.compose.access import status as status
    from archiver.compose.access import upgrade as upgrade
    from archiver.compose.alarming import alarms as alarms
    from archiver.compose.archive import Archive as Archive
    from archiver.compose.archive import open_archive as open_archive
    from archiver.compose.assumed import Assumed as Assumed
    from archiver.compose.checkup import doctor as doctor
    from archiver.compose.clocked import ahead as ahead
    from archiver.compose.contained import Contained as Contained
    from archiver.compose.contained import evidence_asice as evidence_asice
    from archiver.compose.discarding import Executed as Executed
    from archiver.compose.discarding import Hands as Hands
    from archiver.compose.discarding import discard_execute as discard_execute
    from archiver.compose.discards import Discard as Discard
    from archiver.compose.discards import discard_certificate as discard_certificate
    from archiver.compose.discards import discard_list as discard_list
    from archiver.compose.discards import discard_show as discard_show
    from archiver.compose.discards import discard_subjects as discard_subjects
    from archiver.compose.engine import Engine as Engine
    from archiver.compose.engine import Worked as Worked
    from archiver.compose.exhibit import evidence as evidence
    from archiver.compose.exporting import asked_of as asked_of
    from archiver.compose.exporting import export as export
    from archiver.compose.founding import Made as Made
    from archiver.compose.founding import init as init
    from archiver.compose.handover import TakenOver as TakenOver
    from archiver.compose.handover import hand_over as hand_over
    from archiver.compose.handover import take_over as take_over
    from archiver.compose.holding import Kept as Kept
    from archiver.compose.holding import Wanted as Wanted
    from archiver.compose.holding import hold_list as hold_list
    from archiver.compose.holding import hold_place as hold_place
    from archiver.compose.holding import hold_release as hold_release
    from archiver.compose.holding import retention_extend as retention_extend
    from archiver.compose.holding import retention_list as retention_list
    from archiver.compose.indexing import Indexed as Indexed
    from archiver.compose.indexing import index as index
    from archiver.compose.indexing import search as search
    from archiver.compose.intake import Ingested as Ingested
    from archiver.compose.intake import ingest as ingest
    from archiver.compose.judge import Judged as Judged
    from archiver.compose.judge import verify as verify
    from archiver.compose.log import log_export as log_export
    from archiver.compose.log import log_show as log_show
    from archiver.compose.log import log_verify as log_verify
    from archiver.compose.lone import Shown as Shown
    from archiver.compose.manual_made import make_manual as make_manual
    from archiver.compose.measuring import measured as measured
    from archiver.compose.notices import discreet as discreet
    from archiver.compose.notices import notify as notify
    from archiver.compose.notices import trial as trial
    from archiver.compose.notices import unfinished as unfinished
    from archiver.compose.overnight import Run as Run
    from archiver.compose.overnight import nightly as nightly
    from archiver.compose.privacy_person import person_access as person_access
    from archiver.compose.privacy_register import processing_register as processing_register
    from archiver.compose.privacy_restrict import restrict as restrict
    from archiver.compose.privacy_restrict import restrictions as restrictions
    from archiver.compose.proposing import discard_approve as discard_approve
    from archiver.compose.proposing import discard_confirm as discard_confirm
    from archiver.compose.proposing import discard_propose as discard_propose
    from archiver.compose.proposing import discard_reject as discard_reject
    from archiver.compose.purging import purge as purge
    from archiver.compose.rebuilding import rebuild as rebuild
    from archiver.compose.renewing import renew as renew
    from archiver.compose.renewing import simulate as simulate
    from archiver.compose.sealing import seal as seal
    from archiver.compose.sweeping import replicate as replicate
    from archiver.compose.sweeping import sweep as sweep
    from archiver.compose.takeovers import Foreign as Foreign
    from archiver.compose.trust import trust_decide as trust_decide
    from archiver.compose.trust import trust_list as trust_list
    from archiver.compose.trust import trust_show as trust_show
    from archiver.compose.verifica_made import Reported as Reported
    from archiver.compose.verifica_made import report_integrity as report_integrity
    from archiver.compose.verifica_made import report_verifica as report_verifica

_NAMES = {
    "archiver.access": ("Found", "Query", "lines"),
    "archiver.access.alarms": ("Alarm",),
    "archiver.access.attestation": ("attested",),
    "archiver.access.continuity": ("Certificate",),
    "archiver.access.registered": ("Filters", "entry_lines", "judged_lines", "table"),
    "archiver.access.spreadsheet": ("spreadsheet",),
    "archiver.access.trust": ("Entry", "called"),
    "archiver.access.trust_words": ("trust_lines",),
    "archiver.compose.access": ("continuity", "show", "status", "upgrade"),
    "archiver.compose.alarming": ("alarms",),
    "archiver.compose.archive": ("Archive", "open_archive"),
    "archiver.compose.assumed": ("Assumed",),
    "archiver.compose.checkup": ("doctor",),
    "archiver.compose.clocked": ("ahead",),
    "archiver.compose.contained": ("Contained", "evidence_asice"),
    "archiver.compose.discarding": ("Executed", "Hands", "discard_execute"),
    "archiver.compose.discards": (
        "Discard",
        "discard_certificate",
        "discard_list",
        "discard_show",
        "discard_subjects",
    ),
    "archiver.compose.engine": ("Engine", "Worked"),
    "archiver.compose.exhibit": ("evidence",),
    "archiver.compose.exporting": ("asked_of", "export"),
    "archiver.compose.founding": ("Made", "init"),
    "archiver.compose.handover": ("TakenOver", "hand_over", "take_over"),
    "archiver.compose.holding": (
        "Kept",
        "Wanted",
        "hold_list",
        "hold_place",
        "hold_release",
        "retention_extend",
        "retention_list",
    ),
    "archiver.compose.indexing": ("Indexed", "index", "search"),
    "archiver.compose.intake": ("Ingested", "ingest"),
    "archiver.compose.judge": ("Judged", "verify"),
    "archiver.compose.log": ("log_export", "log_show", "log_verify"),
    "archiver.compose.lone": ("Shown",),
    "archiver.compose.manual_made": ("make_manual",),
    "archiver.compose.privacy_person": ("person_access",),
    "archiver.compose.privacy_register": ("processing_register",),
    "archiver.compose.privacy_restrict": ("restrict", "restrictions"),
    "archiver.compose.measuring": ("measured",),
    "archiver.compose.overnight": ("Run", "nightly"),
    "archiver.compose.notices": ("discreet", "notify", "trial", "unfinished"),
    "archiver.compose.proposing": ("discard_approve", "discard_confirm", "discard_propose", "discard_reject"),
    "archiver.compose.purging": ("purge",),
    "archiver.compose.rebuilding": ("rebuild",),
    "archiver.compose.renewing": ("renew", "simulate"),
    "archiver.compose.sealing": ("seal",),
    "archiver.compose.sweeping": ("replicate", "sweep"),
    "archiver.compose.takeovers": ("Foreign",),
    "archiver.compose.trust": ("trust_decide", "trust_list", "trust_show"),
    "archiver.compose.verifica_made": ("Reported", "report_integrity", "report_verifica"),
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}


if not TYPE_CHECKING:  # a checker knows the names above, and no others

    def __getattr__(name: str) -> Any:
        """What is asked for by one of these names (PEP 562), and whatever else its module has for this room."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(_HOMES[name])
        globals().update({each: getattr(module, each) for each in _NAMES[_HOMES[name]]})
        return globals()[name]
