"""The reference of all commands as Markdown: what each does, who may, its options, an example."""

from collections.abc import Iterator
from textwrap import fill

from archiver.compose.roles import RIGHTS, Right
from documentation.tree import Verb, verbs

HEAD = """# Commands

Written by `scripts/reference` from the program's own `--help`; a test compares them. Not to be edited here.

```text
archiver [--config FILE] [--lang it|en] COMMAND [OPTIONS] [ARGUMENTS]
```

The archive is the one of `--config`, else of `$ARCHIVER_CONFIG`, else of `./archiver.toml`. Results are in Italian, or
as `--lang` says. `--log-level` and `--log-format` are for the logs of `nightly`, `notify` and `metrics`; `--version`
says which program it is. Every command has `--help` (`-h`) and `--json`: one JSON object on stdout, all else on stderr.

| code | a command ends with it when |
|---|---|
| 0 | it is done; a verdict is PASSED |
| 1 | a verdict is not PASSED, or something failed and was reported |
| 2 | the command line or the configuration is wrong, or this user may not |
| 3 | a service was unavailable: try again |
| 4 | conflict: something is there that must not be. Stop and look |

Rights: without any `[[user]]` in the configuration, whoever runs the program may do everything. What somebody hands to
`verify` is anybody's to judge.

"""

CODES = {
    "discard execute": "1 when a store was not reached: the same command goes on.",
    "doctor": "1 when a check failed; warnings alone end with 0.",
    "evidence": "1 when it is not PASSED, or something did not fit a court's limits; it is written all the same.",
    "export": "1 when what was written is not PASSED, or parts are missing; what there is, is there.",
    "ingest": "1 when messages, a folder or a mailbox could not be read; bad mail is a finding and ends with 0.",
    "report integrity": "1 when the report is not PASSED; it is written all the same.",
    "report verifica": "1 when the verbale is not conclusive, or something is open; it is written all the same.",
    "status": "1 with `--alerts` when an alarm is an error, with `--continuity` when something was skipped.",
    "sweep": "1 as long as something is missing, altered or late.",
    "verify": "0 for PASSED; 1 for FAILED and for INDETERMINATE.",
}
"""What a code says of these besides."""

_MEANS = {
    Right.READ: "read messages",
    Right.RUN: "run errands",
    Right.DECIDE: "decide",
    Right.LOOK: "look at the state",
    Right.AUDIT: "read the register",
}


def page() -> str:
    """The whole of ops/docs/commands.md."""
    return HEAD + "\n".join((*_rights(), "", *_contents(), *(line for verb in verbs() for line in _section(verb))))


def line(verb: Verb) -> str:
    """What it does, in its help's first words."""
    return verb.paragraphs[0]


def _rights() -> Iterator[str]:
    yield "| role | " + " | ".join(_MEANS.values()) + " |"
    yield "|---" * (len(_MEANS) + 1) + "|"
    for role, rights in RIGHTS.items():
        yield f"| {role} | " + " | ".join("yes" if right in rights else "-" for right in _MEANS) + " |"


def _contents() -> Iterator[str]:
    yield "| command | |"
    yield "|---|---|"
    for verb in verbs():
        yield f"| [{verb.words}](#{anchor(verb)}) | {_cell(line(verb))} |"


def anchor(verb: Verb) -> str:
    """Where its section is, as pages of this kind name headings."""
    return "archiver-" + verb.words.replace(" ", "-")


def _section(verb: Verb) -> Iterator[str]:
    yield f"\n## archiver {verb.words}\n"
    yield "\n\n".join(fill(part, 120, break_on_hyphens=False) for part in verb.paragraphs) + "\n"
    yield f"`archiver {verb.words} {verb.arguments}` · {_right(verb)}\n"
    if verb.words in CODES:
        yield f"Exit codes: {CODES[verb.words]}\n"
    if verb.options:
        yield "| option | |\n|---|---|"
        for option, text in verb.options:
            yield f"| `{_cell(option)}` | {_cell(text)} |"
        yield ""
    yield "Example: " + f"`{verb.examples[0]}`"


def _right(verb: Verb) -> str:
    if verb.right is None:
        return "right: none"
    return f"right: {_MEANS[verb.right]} ({', '.join(verb.roles)})"


def _cell(text: str) -> str:
    """Fit for a cell: a bar would end it, also within code."""
    return " ".join(text.split()).replace("|", "\\|")
