"""`evidence`: the exhibit for a court, one file that proves itself."""

from pathlib import Path

import click

from archiver import compose
from archiver.cli.door import Door, answer, guarded, json_option, leave, needs, note, now, progress, say
from archiver.compose.roles import Right
from archiver.verdict import Indication

_WORDS = {
    "it": {
        "made": "{messages} messaggi, {bytes} byte, {indication}  {path}",
        "pending": "archiver: {pending} messaggi non sono ancora in un volume chiuso e restano INDETERMINATI: prima"
        " `archiver seal --now`, poi rifare l'esibizione",
        "unsigned": "archiver: esibizione NON firmata: nessuno garantisce quel che racconta, e chi la verifica la trova"
        " INDETERMINATE; valgono i soli .eml con i loro volumi",
        "withheld": "archiver: {withheld} messaggi stanno in caselle che chi la produce non può leggere: non sono"
        " nell'esibizione, che lo dice",
        "restricted": "archiver: {restricted} messaggi a trattamento limitato (GDPR, art. 18): non sono"
        " nell'esibizione, che lo dice",
        "deposit": "deposito {court}: invii {sends}, messaggi non depositabili {left}  {path}",
        "until": "prova verificabile con i dati contenuti fino al {until}; poi rifare l'esibizione",
    },
    "en": {
        "made": "{messages} messages, {bytes} bytes, {indication}  {path}",
        "pending": "archiver: {pending} messages are in no closed volume yet and remain INDETERMINATE: first"
        " `archiver seal --now`, then make the exhibit again",
        "unsigned": "archiver: exhibit NOT signed: nobody vouches for what it tells, and whoever verifies it finds it"
        " INDETERMINATE; only the .eml files with their volumes count",
        "withheld": "archiver: {withheld} messages lie in mailboxes that whoever makes it may not read: they are not in"
        " the exhibit, which says so",
        "restricted": "archiver: {restricted} messages whose processing is restricted (GDPR, art. 18): they are not in"
        " the exhibit, which says so",
        "deposit": "filing {court}: sends {sends}, messages that cannot be filed {left}  {path}",
        "until": "the proof can be verified with what is inside until {until}; then make the exhibit again",
    },
}


@click.command()
@click.argument("dossiers", nargs=-1, required=True, metavar="DOSSIER...")
@click.option("-o", "--output", required=True, type=click.Path(), metavar="FILE.zip", help="A new file.")
@click.option(
    "--for", "court", metavar="pct|ptt", help="A flat folder for a court's filing system too, beside the ZIP."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["zip", "asice"]),
    default="zip",
    show_default=True,
    help="A ZIP that people open, or ASiC-E containers, one a volume, for validators of the EU.",
)
@click.option("--recipient", metavar="ADDRESS", help="Only what concerns this recipient: no other's receipts.")
@click.option("--full", is_flag=True, help="The rapporti di versamento too; they name the mailbox's folders.")
@click.option("--unsigned", is_flag=True, help="Without the archive's seal; it is marked everywhere.")
@click.option("--reason", default="", metavar="TEXT", help="Why it is made; it stands in the register of accesses.")
@click.option("--mailbox", help="The mailbox the dossiers lie in, where several have them.")
@json_option
@click.pass_obj
@guarded
@needs(Right.READ)
def evidence(
    door: Door,
    dossiers: tuple[str, ...],
    output: str,
    court: str | None,
    form: str,
    recipient: str | None,
    full: bool,
    unsigned: bool,
    reason: str,
    mailbox: str | None,
    as_json: bool,
) -> None:
    """The exhibit (PdD) of one dossier or several: messages, proofs and verifiers in one ZIP.

    DOSSIER is an identificativo, a Message-ID, or (the beginning of) the digest of any message in it.

    \b
    Example: archiver evidence 3f9c2a -o fascicolo.zip
             archiver evidence 3f9c2a --recipient rossi@pec.example.it -o rossi.zip --reason "causa R.G. 123/2026"
             archiver evidence 3f9c2a --for pct -o deposito
             archiver evidence 3f9c2a --format asice -o fascicolo.asice
    """
    if recipient is not None and not recipient.strip():
        raise click.UsageError("--recipient: expected an address, found nothing; without the option all are shown")
    archive = door.archive()
    lang = door.language(archive)
    if form == "asice":
        if recipient or court or unsigned:
            raise click.UsageError("--format asice: --recipient, --for and --unsigned do not go with it")
        made = compose.evidence_asice(
            archive, dossiers, Path(output), full=full, reason=reason, mailbox=mailbox, clock=now
        )
        _contained(made, lang, as_json)
        return
    with progress({"it": "esibizione", "en": "exhibit"}[lang], quiet=as_json) as step:
        done = compose.evidence(
            archive,
            dossiers,
            Path(output),
            recipient=(recipient or "").strip(),
            full=full,
            unsigned=unsigned,
            reason=reason,
            mailbox=mailbox,
            court=court,
            lang=lang,
            clock=now,
            progress=step,
        )
    words, told = _WORDS[lang], done.as_json()
    for warning in done.warnings:
        note(f"archiver: {warning.text(lang)}")
    if told["pending"]:
        note(words["pending"].format_map(told))
    if told["withheld"]:
        note(words["withheld"].format_map(told))
    if told["restricted"]:
        note(words["restricted"].format_map(told))
    if not told["sealed"]:
        note(words["unsigned"])
    if as_json:
        answer(told)
    else:
        say(words["made"].format_map(told))
        if done.deposited:
            say(words["deposit"].format_map(told["deposit"]))
        if told["valid_until"]:
            say(words["until"].format(until=told["valid_until"][:10]))
    if done.made.report.indication is not Indication.PASSED or (done.deposited and done.deposited.left):
        leave(1)


def _contained(made: "compose.Contained", lang: str, as_json: bool) -> None:
    told = made.as_json()
    if made.pending:
        note(_WORDS[lang]["pending"].format_map(told))
    if made.restricted:
        note(_WORDS[lang]["restricted"].format_map(told))
    if as_json:
        answer(told)
    else:
        say(_WORDS[lang]["made"].format_map({**told, "path": " ".join(told["paths"])}))
    if made.indication is not Indication.PASSED:
        leave(1)
