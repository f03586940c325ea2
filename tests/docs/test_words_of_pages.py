"""What pages say that nobody runs: command lines parse, configurations load, links lead somewhere."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from documentation.tree import verbs
from support.configurations import merged, written
from support.pages import blocks, lines_of
from support.tools import ROOT
from support.typed import calls, taken

from archiver.config import demo_text, parse
from archiver.errors import ConfigError

PAGES = [
    ROOT / "README.md",
    *(path for name in ("", "docs", "runbooks") for path in (ROOT / "ops" / name).glob("*.md")),
]
CONFIGURED = [path for path in PAGES if blocks(path, "toml") and path.parent.name != "runbooks"]
"""What stands in runbooks are edits, which their own tests make."""

EVERY = [ROOT / "README.md", *(ROOT / "ops").rglob("*.md"), *(ROOT / "schemas").rglob("*.md")]
VERBS = {verb.words: verb for verb in verbs()}
INLINE = re.compile(r"(?<!`)`(archiver [a-z][^`]*)`", re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def named(path: Path) -> str:
    """For people."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_command_line_of_a_page_can_be_typed(path: Path) -> None:
    for block in blocks(path, "sh"):
        for line in lines_of(block):
            for words in calls(line.replace("$REPOSITORY", "repository")):
                taken(words)


@pytest.mark.parametrize("path", EVERY, ids=named)
def test_every_command_that_a_sentence_names_exists_with_its_options(path: Path) -> None:
    found = INLINE.findall(path.read_text(encoding="utf-8"))
    for said in (part for line in found for part in " ".join(line.split()).split(" && ")):
        if not said.startswith("archiver "):
            continue
        words = [word for word in said.split()[1:] if word not in ("--config", "FILE", "--lang", "en")]
        verb = VERBS.get(" ".join(words[:2])) or VERBS.get(words[0])
        assert verb or words[0] in {name.partition(" ")[0] for name in VERBS}, said
        options = {name for param in verb.command.params for name in param.opts} if verb else set()
        given = {re.split("[=|]", word)[0] for word in words if word.startswith("-")}
        assert given <= options | {"--help"}, said


@pytest.mark.parametrize("path", CONFIGURED, ids=named)
def test_every_configuration_on_a_page_is_taken_by_the_program(path: Path, tmp_path: Path) -> None:
    for block in blocks(path, "toml"):
        parse(written(merged(valid(), tomllib.loads(block))), tmp_path)


def valid() -> dict[str, Any]:
    """A configuration with nothing to complain of, whose mailbox is called as on the pages."""
    text = demo_text(holder_id="h-1", mailbox_id="m-1", today="2026-11-22")
    return tomllib.loads(text.replace('name = "import"', 'name = "studio"'))


@pytest.mark.parametrize("path", EVERY, ids=named)
def test_every_link_within_leads_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, place = target.partition("#")
        there = (path.parent / file) if file else path
        assert there.exists(), target
        assert not place or place in headings(there), target


def headings(path: Path) -> set[str]:
    """The anchors of a page's headings, as pages of this kind are shown."""
    lines = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}


WRONG: dict[str, dict[str, Any]] = {
    "no such field": {"sweep": {"dayz": 90}},
    "no such table": {"nightly": {"hours": 36}},
    "a password": {"mailbox": [{"name": "studio", "imap": {"host": "a.example.it", "password": "segreta"}}]},
}


@pytest.mark.parametrize("case", WRONG)
def test_a_configuration_that_is_wrong_is_noticed(case: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be used"):
        parse(written(merged(valid(), WRONG[case])), tmp_path)
