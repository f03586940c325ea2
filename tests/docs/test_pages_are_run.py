"""README and ops/docs are done as they stand: every command that is fenced as sh, in order, on a real small archive.

What stands for something that only a person knows is in `VALUES`; what cannot be done here, with its reason, in `LEFT`.
"""

import pwd
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.archives import volumes
from support.commands import archiver, done
from support.offices import Office
from support.pages import Page, bare, blocks, lines_of
from support.tools import ROOT

DOCS = ROOT / "ops/docs"
RUN = [ROOT / "README.md", *(DOCS / f"{name}.md" for name in ("installing", "using", "responsabile", "developing"))]

LEFT = {
    "./scripts/demo": "installs packages; tests/cli does the same steps",
    "./scripts/test": "is what runs this",
    "scripts/test": "is what runs this",
    "scripts/test --servers": "is what runs this, and needs root",
    "scripts/environment": "installs packages; whoever runs this has done it",
    "scripts/soak --minutes 20 --seed 7": "takes twenty minutes, on real servers",
    "scripts/simulate --seed 7 --years 1": "takes minutes; tests/simulation does less of it",
    "scripts/simulate --bugs": "takes minutes; tests/simulation does less of it",
    "scripts/fuzz --minutes 10": "takes ten minutes; tests/fuzz throws less",
    "scripts/mutants --minutes 30 archiver/evidence/record": "takes half an hour",
    "scripts/conformance": "needs the DSS, and a minute; tests/conformance asks the same judges",
    "scripts/bench ingest": "wants a machine that does nothing else",
    "scripts/explain --rows 20000": "takes a minute; tests/adapters/test_catalog_growth does the same",
    "systemctl daemon-reload && systemctl enable --now archiver-nightly.timer": "needs root; tests/units",
    "archiver catalog upgrade": "with the engine's tables needs PostgreSQL: tests/engine",
    "archiver worker": "works until it is stopped: tests/engine",
    "archiver worker --queues ingest,seal": "works until it is stopped: tests/engine",
    "archiver worker --now --once": "needs PostgreSQL: tests/engine",
    "archiver status --continuity studio": "needs a mailbox on a server: the README has one",
    "archiver notify --test": "needs a mail server that sends; tests/night has one",
}
"""Commands that are not typed, and why."""

SECOND = "gverdi"
BY_THE_SECOND = ("archiver discard approve",)
"""What somebody else must type: these words begin the line."""


def old_message() -> str:
    """A message whose volume is not past its term."""
    return str(done("search", "--state", "delivered")["results"][-1]["dossier"])[:12]


def volume_that_stays() -> str:
    """One whose term has not passed: it holds a message of 2024."""
    digest = str(done("search", "--since", "2024-01-01")["results"][0]["dossier"]).encode()
    every = volumes(Path("archiver.toml").absolute())
    found = (path for path in every if digest in (path / "PIndex.xml.p7m").read_bytes())
    return next(found).name[:12]


VALUES: dict[str, str | Callable[[], str]] = {
    "3f9c2a": lambda: str(done("search", "--state", "delivered")["results"][0]["dossier"])[:12],
    "2a36c0dc": old_message,
    "5c1f00aa": lambda: str(done("hold", "list")["holds"][-1]["hold"]).rpartition("-")[2][:8],
    "67765d34": volume_that_stays,
    "d-20270115-028e8d7176": lambda: str(done("discard", "show")["discards"][-1]["discard"]),
    "5f450591": lambda: str(done("trust", "list", "--new")["certificates"][0]["sha256"])[:8],
    "scripts/": f"{sys.executable} scripts/",
}
"""What stands on a page for something of a reader's own, and how it is found in the archive here."""


@contextmanager
def at_work(command: str) -> Iterator[None]:
    """The kernel says that the second person types, in the lines that are theirs."""
    with pytest.MonkeyPatch.context() as patch:
        if command.startswith(BY_THE_SECOND):
            patch.setattr(pwd, "getpwuid", lambda uid: SimpleNamespace(pw_name=SECOND))
        yield


def test_the_readme_is_done_from_the_first_line_to_the_last(beginner: Path, fills_in: Callable[[Path], None]) -> None:
    page = Page(ROOT / "README.md", VALUES, {"HOME": str(beginner)}, LEFT, fills_in).run(Path.cwd())
    assert page.typed
    assert Path.cwd() == beginner / "archivio"
    assert done("status")["pending"] == 0
    assert archiver("doctor").code == 0


@pytest.mark.parametrize("name", ["installing", "using", "responsabile", "developing"])
def test_a_page_is_done_from_top_to_bottom(name: str, lived_in: Office) -> None:
    home = {"HOME": str(lived_in.folder.parent)}
    page = Page(DOCS / f"{name}.md", VALUES, home, LEFT, by=at_work).run(lived_in.folder)
    assert page.typed


def test_what_is_left_out_stands_on_a_page() -> None:
    assert set(LEFT) <= {bare(line) for path in RUN for block in blocks(path, "sh") for line in lines_of(block)}


def test_every_page_is_done_but_the_reference_whose_examples_are_parsed() -> None:
    assert {path.name for path in DOCS.glob("*.md")} - {path.name for path in RUN} == {"commands.md"}
    assert not blocks(DOCS / "commands.md", "sh")


def test_nothing_is_fenced_as_a_language_that_nobody_looks_at() -> None:
    for path in RUN:
        fences = re.findall(r"^```(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(fences[::2]) <= {"sh", "toml", "text", "sudoers", ""}, path
        assert set(fences[1::2]) <= {""}, path
