"""Handing over and taking over, with everything that the configuration gives them."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from archiver import __version__
from archiver.access import tree
from archiver.compose.archive import Archive
from archiver.compose.founding import furnish
from archiver.compose.rebuilding import exclusively, hands
from archiver.compose.register import check_reason, register
from archiver.compose.roles import Right
from archiver.compose.takeovers import Foreign, take_foreign
from archiver.errors import ConfigError
from archiver.handover import HandedOver, Handing, Taken, Taking, is_handover
from archiver.handover import hand_over as hand_over_store
from archiver.handover import take_over as take_over_store
from archiver.handover.bag import MANIFESTS, digest_file
from archiver.handover.export import check_empty
from archiver.handover.handed import Handed
from archiver.handover.volumes import STATE
from archiver.package import layout
from archiver.package.act import ActKind
from archiver.package.layout import Kind
from archiver.ports import ObjectStore, Stored
from archiver.rebuild import Rebuilding
from archiver.rebuild import Report as Rebuilt
from archiver.rebuild import rebuild as rebuild_catalog
from archiver.verdict import Finding, Indication, Severity

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What was taken over, and what rebuilding the rows found; `rebuilt` is None when nothing was written."""

    taken: Taken
    rebuilt: Rebuilt | None

    @property
    def whole(self) -> bool:
        """Whether everything is here, and the judge passed it."""
        passed = self.taken.report.indication is Indication.PASSED
        return passed and not self.taken.refused and not (self.rebuilt and self.rebuilt.lost)

    @property
    def said(self) -> tuple[Finding, ...]:
        """What is to be said, the grave first."""
        found = [*self.taken.report.verdict.findings, *(self.rebuilt.lost if self.rebuilt else ())]
        grave = [item for item in found if item.severity in (Severity.ERROR, Severity.DOUBT)]
        return (*grave, *(item for item in found if item.severity is Severity.WARNING))

    def lines(self, lang: str) -> list[str]:
        """For people."""
        taken, verdict = self.taken, self.taken.report.verdict
        english = lang == "en"
        if taken.refused:
            what = "nothing was taken over" if english else "nulla è stato preso in carico"
            way = "`--as-is` takes it over as it is" if english else "con `--as-is` si prende in carico com'è"
            way = way if taken.holders else ""
            return [f"{verdict.indication.value} {verdict.sub_indication}: {what}{'; ' if way else ''}{way}"]
        words = (
            "volumes, messages, new objects, there already" if english else "volumi, messaggi, oggetti nuovi, già qui"
        )
        counts = (taken.volumes, taken.messages, taken.new, taken.known)
        told = ", ".join(f"{count} {word}" for count, word in zip(counts, words.split(", "), strict=True))
        return [f"{verdict.indication.value}: {told}"]

    def as_json(self, lang: str = "it") -> dict[str, Any]:
        """For machines."""
        return self.taken.as_json(lang) | {"catalog": self.rebuilt.as_json() if self.rebuilt else None}


def hand_over(
    archive: Archive,
    target: Path,
    *,
    sample: int | None = None,
    seed: int = 1,
    reason: str = "",
    lang: str = "it",
    clock: Callable[[], datetime],
    progress: Progress = lambda done, total: None,
) -> HandedOver:
    """Writes everything for another conservatore; with `sample`, so many volumes, drawn by `seed`.

    The register has it before anything is written. Raises Conflict for a folder that holds something else, ConfigError,
    Unavailable.
    """
    config = archive.config
    archive.permit(Right.DECIDE)
    check_empty(target)
    what = {"everything": sample is None, "sample": sample, "seed": None if sample is None else seed}
    register(archive, holders=config.holders, kind=ActKind.EXPORT, what=what, reason=reason, clock=clock)
    local = config.signer.kind == "local" or any(tsa.kind == "local" for tsa in config.tsas)
    work = Handing(
        store=archive.store,
        target=target,
        tree=partial(tree.whole, rapporti=True),
        trust=archive.trust,
        clock=clock,
        software=f"pec-archiver {__version__}",
        lang=lang,
        legal_value=not local,
        only=None if sample is None else drawn(archive.store, sample, seed),
        progress=progress,
    )
    return hand_over_store(work)


def drawn(store: ObjectStore, sample: int, seed: int) -> frozenset[str]:
    """So many of the store's sealed volumes (all, if there are fewer), the same for the same seed."""
    parsed = (layout.parse(item.name) for item in store.list(""))
    volumes = sorted(found.id for found in parsed if found and found.kind is Kind.INDEX)
    return frozenset(Random(seed).sample(volumes, min(sample, len(volumes))))  # noqa: S311  (a draw to be repeated)


def take_over(
    archive: Archive,
    root: Path,
    *,
    mailbox: str | None = None,
    as_is: bool = False,
    reason: str = "",
    jobs: int = 1,
    clock: Callable[[], datetime],
    progress: Progress = lambda done, total: None,
) -> TakenOver | Foreign:
    """Takes over what `hand_over` wrote, and makes the rows of it; or packages of others, into `mailbox`.

    Raises ConfigError, Conflict, Unavailable.
    """
    if not root.is_dir():
        raise ConfigError(f"{root}: there is no such folder")
    archive.permit(Right.DECIDE)
    check_reason(archive, reason)
    if (root / STATE).is_dir():
        raise ConfigError(
            f"{root}: l'esportazione è rimasta interrotta: finirla ripetendo `archiver export --everything` verso la"
            " stessa cartella (this export was cut short: run it again to its end)"
        )
    if not is_handover(root):
        return take_foreign(archive, root, mailbox, as_is=as_is, reason=reason, clock=clock, progress=progress)
    if mailbox is not None:
        raise ConfigError("--mailbox goes with packages of other systems: an export of ours names its mailboxes itself")
    furnish(archive)
    store, catalog = archive.store, archive.catalog
    with exclusively(archive, catalog):
        work = Taking(store, archive.trust, clock, as_is, progress)
        taken = take_over_store(root, work, known=partial(_known, archive))
        if taken.refused:
            return TakenOver(taken, None)
        only = _Only(store, taken.holders)
        with hands(archive, archive.config.stores[0].id, store, jobs) as mapped:
            rebuilding = Rebuilding(
                store=only,
                catalog=catalog,
                trust=archive.trust,
                own={box.id: frozenset((box.address, *box.aliases)) for box in archive.config.mailboxes},
                lines=(),  # what was closed is closed, whoever stamps from now on
                mapped=mapped,
                clock=clock,
                progress=progress,
            )
            rebuilt = rebuild_catalog(rebuilding)
    # only now: the register goes on where that of the one who hands over ends
    what = {
        "indication": taken.report.indication.value,
        "manifest": digest_file(root / MANIFESTS[0])[0],
        "messages": taken.messages,
        "objects": taken.new,
        "volumes": taken.volumes,
    }
    register(archive, holders=taken.holders, kind=ActKind.TAKEOVER, what=what, reason=reason, clock=clock)
    return TakenOver(taken, rebuilt)


class _Only:
    """The store, of which a listing of everything shows some holders only."""

    def __init__(self, store: ObjectStore, holders: Collection[str]) -> None:
        self._store, self._holders = store, sorted(holders)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        if prefix:
            yield from self._store.list(prefix)
            return
        for holder in self._holders:
            yield from self._store.list(f"{holder}/")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def _known(archive: Archive, handed: Handed, told: dict[str, Any]) -> None:
    """Raises ConfigError for holders and mailboxes that the configuration lacks, with the lines to be added."""
    config = archive.config
    boxes = {box.id: box for box in config.mailboxes}
    lines: list[str] = []
    said = {holder["id"]: holder for holder in told["holders"]}  # only for the words of the lines
    for holder, mailboxes in handed.mailboxes().items():
        one = said.get(holder, _NOBODY | {"id": holder})
        if holder not in config.holders:
            lines += ["", *_holder(one)]
        called = {mailbox["id"]: mailbox for mailbox in one["mailboxes"]}
        for id in sorted(mailboxes):
            box = boxes.get(id)
            if box is None:
                lines += ["", *_mailbox(called.get(id, {"id": id, "address": "", "class": ""}), holder)]
            elif box.holder not in (("", holder) if len(config.holders) == 1 else (holder,)):
                raise ConfigError(
                    f"mailbox {box.name}: id {box.id} è di {box.holder} qui, di {holder} in ciò che è consegnato"
                    " (belongs to another holder here)"
                )
    if lines:
        where = config.folder / "archiver.toml"
        raise ConfigError(
            "\n".join(
                [
                    "la configurazione non conosce titolari o caselle di ciò che è consegnato; nulla è stato preso in"
                    f" carico. Aggiungere a {where}, completare e ripetere (add these lines and run again):",
                    *lines,
                ]
            )
        )


_NOBODY: dict[str, Any] = {"name": "", "codes": [], "agent": None, "mailboxes": []}


def _holder(told: dict[str, Any]) -> list[str]:
    codes = {code[:3]: code.partition("-")[2] for code in told["codes"]}
    agent = told["agent"] or {"type": "legal person", "first_name": "", "last_name": "", "document": ""}
    names = ("first_name", "last_name") if agent["type"] == "natural person" else ("name",)
    return [
        "[[holder]]",
        f'id = "{told["id"]}"',
        f'type = "{_toml(agent["type"])}"',
        *(f'{key} = "{_toml((agent | {"name": told["name"]})[key])}"' for key in names),
        f'tax_code = "{codes.get("TIN", "")}"',
        *([f'vat = "{codes["VAT"]}"'] if "VAT" in codes else []),
        f'document = "{_toml(agent["document"])}"',
    ]


def _mailbox(told: dict[str, Any], holder: str) -> list[str]:
    return [
        "[[mailbox]]",
        f'name = "{told["id"]}"',
        f'id = "{told["id"]}"',
        f'holder = "{holder}"',
        f'address = "{_toml(told["address"])}"',
        *([f'class = "{told["class"]}"'] if told["class"] else []),
    ]


def _toml(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable()).replace("\\", "\\\\").replace('"', '\\"')
