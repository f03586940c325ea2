"""Roles: every command says what it needs, and who lacks that is refused before anything is done or shown."""

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support.commands import archiver, done
from support.tools import absent
from support.users import give_role, unlist

from archiver.cli import main
from archiver.cli.door import login
from archiver.compose.roles import RIGHTS, Right
from archiver.config import parse
from archiver.errors import ConfigError


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def test_every_command_says_what_right_it_needs() -> None:
    found = dict(commands(main))
    assert len(found) > 15
    silent = [" ".join(path) for path, command in found.items() if "needs" not in vars(command.callback)]
    assert silent == [], "write @needs(...) below @guarded"


DECLARED = {
    ("init",): None,
    ("ingest",): Right.RUN,
    ("seal",): Right.RUN,
    ("purge",): Right.DECIDE,
    ("search",): Right.READ,
    ("show",): Right.READ,
    ("trust", "list"): Right.LOOK,
    ("trust", "confirm"): Right.DECIDE,
    ("trust", "revoke"): Right.DECIDE,
    ("catalog", "rebuild"): Right.RUN,
    ("status",): Right.LOOK,
    ("doctor",): Right.LOOK,
    ("hold", "place"): Right.DECIDE,
    ("hold", "release"): Right.DECIDE,
    ("hold", "list"): Right.LOOK,
    ("retention", "extend"): Right.DECIDE,
    ("discard", "propose"): Right.RUN,
    ("discard", "approve"): Right.DECIDE,
    ("discard", "execute"): Right.RUN,
    ("discard", "confirm-backups"): Right.DECIDE,
    ("discard", "show"): Right.LOOK,
    ("log", "show"): Right.AUDIT,
    ("log", "verify"): Right.LOOK,
    ("log", "export"): Right.AUDIT,
}


@pytest.mark.parametrize("path", DECLARED, ids=" ".join)
def test_a_command_needs_what_its_work_is(path: tuple[str, ...]) -> None:
    assert vars(dict(commands(main))[path].callback)["needs"] is DECLARED[path]


TRIED: dict[Right, tuple[str, ...]] = {
    Right.READ: ("search", "fattura"),
    Right.RUN: ("seal",),
    Right.DECIDE: ("trust", "confirm", "0000", "--reason", "prova"),
    Right.LOOK: ("status",),
    Right.AUDIT: ("log", "show"),
}


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("role", RIGHTS)
def test_a_role_does_what_it_may_and_nothing_else(config: Path, role: str, right: Right) -> None:
    give_role(config, role, mailboxes=("import",) if role == "utente" else ())
    found = archiver(*TRIED[right], config=config)
    refused = "ruolo" in found.err
    assert refused is (right not in RIGHTS[role]), found
    if refused:
        assert (found.code, found.out) == (2, "")
        assert login() in found.err
        assert role in found.err


def test_the_four_roles_are_those_of_the_manual() -> None:
    assert RIGHTS["responsabile"] == frozenset(Right)
    assert RIGHTS["operatore"] == {Right.RUN, Right.LOOK}
    assert RIGHTS["auditor"] == {Right.READ, Right.LOOK, Right.AUDIT}
    assert RIGHTS["utente"] == {Right.READ}


def test_a_user_who_is_not_listed_is_refused_by_name_with_the_way_out(config: Path) -> None:
    unlist(config)
    found = archiver("search", "fattura", config=config)
    assert (found.code, found.out) == (2, "")
    assert login() in found.err
    assert str(config) in found.err


def test_the_environment_does_not_say_who_runs_the_program(config: Path) -> None:
    unlist(config)
    said = {"USER": "qualcuno", "LOGNAME": "qualcuno", "LNAME": "qualcuno", "USERNAME": "qualcuno"}
    assert archiver("status", config=config, environ={**os.environ, **said}).code == 2


def test_without_users_whoever_runs_it_is_responsabile_and_outside_the_demo_that_is_said(config: Path) -> None:
    assert archiver("trust", "confirm", "0000", "--reason", "x", config=config).code == 1, (
        "there is no such certificate"
    )
    said = [alert for alert in done("status", config=config)["alerts"] if "[[user]]" in alert]
    assert said == []
    text = config.read_text(encoding="utf-8").replace("demo = true", "demo = false")
    text = text.replace('kind = "local"', 'kind = "hand"\nanchors = ["ca/ca.pem"]', 1)
    assert [said for said in parse(text, config.parent).warnings if "[[user]]" in said]
    listed = f'{text}\n[[user]]\nlogin = "rossi"\nrole = "responsabile"\n'
    assert not [said for said in parse(listed, config.parent).warnings if "[[user]]" in said]


WRONG = {
    "an unknown role": ('login = "a"\nrole = "capo"', "role"),
    "no role": ('login = "a"', "role: is missing"),
    "no login": ('role = "auditor"', "login: is missing"),
    "a login with a blank": ('login = "a b"\nrole = "auditor"', "login"),
    "an utente without mailboxes": ('login = "a"\nrole = "utente"', "mailboxes is missing"),
    "a mailbox that there is not": ('login = "a"\nrole = "utente"\nmailboxes = ["altra"]', "no .*mailbox.* altra"),
    "mailboxes of an auditor": ('login = "a"\nrole = "auditor"\nmailboxes = ["import"]', "mailboxes is for role"),
    "an unknown key": ('login = "a"\nrole = "auditor"\npassword = "x"', "password: unknown key"),
    "one login twice": ('login = "b"\nrole = "auditor"', "same login 'b'"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_user_that_cannot_be_is_a_complaint(config: Path, wrong: str) -> None:
    table, complaint = WRONG[wrong]
    text = config.read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match=complaint):
        parse(f'{text}\n[[user]]\nlogin = "b"\nrole = "responsabile"\n[[user]]\n{table}\n', config.parent)


def test_users_without_a_responsabile_are_a_complaint(config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match="nobody could confirm"):
        parse(f'{text}\n[[user]]\nlogin = "b"\nrole = "auditor"\n', config.parent)


def test_files_that_somebody_hands_in_are_anybodys_to_judge_the_archives_own_are_not(config: Path) -> None:
    give_role(config, "utente", mailboxes=("import",))
    assert archiver("verify", config=config).code == 2
    (volume, *_) = (config.parent / "store" / "h-prova" / "volumes").iterdir()
    assert archiver("verify", volume, config=config).code == 0


def test_behind_sudo_it_is_the_person_who_logged_in(config: Path) -> None:
    """Two persons who work as the archive's own user stay two, whatever they put into their environment."""
    person = pwd.getpwuid(1).pw_name
    command = f"echo 1 > /proc/self/loginuid && exec {sys.executable} -m archiver search x --json"
    environ = {**os.environ, "SUDO_USER": "altri", "USER": "altri", "LOGNAME": "altri"}
    ran = subprocess.run(
        ["sh", "-c", command], cwd=config.parent, env=environ, capture_output=True, text=True, check=False
    )
    if "loginuid" in ran.stderr:
        absent("the kernel lets nobody set a login uid here")
    assert ran.returncode == 0, ran
    shown = archiver("log", "show", "--json", config=config).json
    assert [act["who"] for act in shown["acts"]] == [person]
    assert person != login()
