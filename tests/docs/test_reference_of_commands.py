"""ops/docs/commands.md says what the program has, no more and no less; and every example can be typed."""

import re
from pathlib import Path

import click
import pytest
from documentation.commands import CODES, anchor, page
from documentation.tree import Verb, verbs
from support.tools import ROOT
from support.typed import calls, taken

from archiver.cli import main

VERBS = {verb.words: verb for verb in verbs()}
PAGE = (ROOT / "ops/docs/commands.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part.partition("\n")[2] for part in PAGE.split("\n## archiver ")[1:]}
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_page_is_what_the_program_says_today() -> None:
    assert page() + "\n" == PAGE, "scripts/reference writes it"


def test_every_command_has_a_section_and_no_section_is_about_another() -> None:
    assert list(SECTIONS) == list(VERBS)
    assert {anchor(verb) for verb in VERBS.values()} == set(re.findall(r"^\| \[.*?\]\(#(.*?)\)", PAGE, re.MULTILINE))
    assert set(CODES) <= set(VERBS)


def test_what_stands_before_every_command_is_told_once() -> None:
    head = PAGE.partition("\n| role |")[0]
    assert {name for option in main.params for name in option.opts} <= set(re.findall(r"--[a-z-]+", head))


@pytest.mark.parametrize("words", VERBS)
def test_every_option_stands_in_its_section_and_none_that_does_not_exist(words: str) -> None:
    options = [param for param in VERBS[words].command.params if isinstance(param, click.Option)]
    real = {name for option in options for name in (*option.opts, *option.secondary_opts)} - {"--json"}
    table = "\n".join(re.findall(r"^\| `(.*?)` \|", SECTIONS[words], re.MULTILINE))
    assert set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", table)) == real
    assert any("--json" in option.opts for option in options), "the page says that every command has it"


@pytest.mark.parametrize("words", VERBS)
def test_every_command_says_what_it_needs_of_whoever_runs_it(words: str) -> None:
    verb = VERBS[words]
    assert "needs" in vars(verb.command.callback)
    assert f"right: {'none' if verb.right is None else ''}" in SECTIONS[words]
    assert all(role in SECTIONS[words] for role in verb.roles) or verb.right is None


@pytest.mark.parametrize("words", VERBS)
def test_every_example_of_every_help_can_be_typed(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("da-firmare",):  # what an example takes from a folder must be there to be taken
        (tmp_path / folder).mkdir()
    verb = VERBS[words]
    assert verb.examples, words
    for example in verb.examples:
        found = calls(example)
        assert any(_called(verb, given) for given in found), example
        for given in found:
            taken(given)


def _called(verb: Verb, given: list[str]) -> bool:
    return " ".join(given).startswith(verb.words)


@pytest.mark.parametrize("wrong", ["archiver serch x", "archiver show --loud x", "archiver renew --hash md5"])
def test_an_example_that_is_wrong_is_noticed(wrong: str) -> None:
    with pytest.raises(click.UsageError):
        [taken(given) for given in calls(wrong)]


def test_the_short_list_of_the_readme_has_every_command() -> None:
    (listed,) = re.findall(r"^## All commands\n(.*?)^## ", README, re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"`([a-z]+(?: [a-z-]+)*)`", listed))
    assert named == set(VERBS)
