"""The command line of the simulator: checks what was asked, joins the rooms, says what was written."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from simulator import dovecot
from simulator.mailbox import FORMATS
from simulator.plan import Plan
from simulator.serve import serve
from simulator.story import TALES
from simulator.truth import Truth
from simulator.writing import messages, written

__all__ = ["Plan", "main", "messages", "simulate"]

EXAMPLE = """examples:
  pecsim --out demo --messages 100 --recipients 3 --format maildir
  pecsim --out demo --messages 50 --variants preavviso-12,breve
  pecsim --out demo --messages 2000 --seed 7 --serve
"""
FIRST_YEAR, LAST_YEAR = 2011, 2046  # so that three-year certificates lie within the authority's own term


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; 0 done. Exits with 2 when the arguments cannot be used."""
    parser = _parser()
    asked = parser.parse_args(argv)
    if asked.list:
        print("\n".join(_listed()))
        return 0
    plan = _plan(parser, asked)
    out: Path = asked.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        parser.error(f"--out {out}: expected a directory that is empty or does not exist, found something there")
    if asked.serve and not dovecot.installed():
        parser.error("--serve: expected a Dovecot on this machine, found none (Debian: apt-get install dovecot-imapd)")
    if asked.serve:
        serve(plan, out)
        return 0
    counts, truth = written(plan, out, asked.format)
    for address, count in counts.items():
        print(f"{count} messages of {address} as {asked.format} in {out} (SIMULATED, without legal value)")
    _regret(plan, truth)
    return 0


def simulate(plan: Plan, out: Path, shape: str) -> int:
    """Writes mailbox, providers' trust folder and expected.json into `out`; returns how many messages."""
    counts, _ = written(plan, out, shape)
    return counts.total()


def _plan(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> Plan:
    for name in ("out", "messages"):
        if getattr(asked, name) is None:
            parser.error(f"the following arguments are required: --{name}")
    alone = [name for name in asked.variants if TALES[name].second and not asked.second]
    if alone:
        parser.error(f"--variants {','.join(alone)}: expected --second ADDRESS with it, found one mailbox only")
    if asked.second == asked.address:
        parser.error(f"--second {asked.second}: expected another address than --address, found the same")
    names = ("messages", "seed", "size", "recipients", "address", "start", "variants", "shuffle", "duplicates")
    return Plan(**{name: getattr(asked, name) for name in (*names, "reuse")}, second=asked.second or "")


def _regret(plan: Plan, truth: Truth) -> None:
    """Says which of the variants asked for were too long for the mailbox."""
    missing = [name for name in plan.variants if name not in truth.variants]
    if missing:
        print(f"without {', '.join(missing)}: longer than {plan.messages} messages leave room for; ask for more")


def _listed() -> list[str]:
    width = max(map(len, TALES))
    note = {True: " (with --second)", False: ""}
    return [f"{name:{width}}  {tale.weight:3}{note[tale.second]}" for name, tale in TALES.items()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pecsim",
        description="Writes simulated PEC mailboxes, and in expected.json the truth about them.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--out", type=Path, metavar="DIR", help="where to write; must be empty or absent")
    add("--messages", type=_positive, metavar="N", help="how many messages in all")
    add("--seed", type=int, default=1, metavar="S", help="another seed, another mailbox (1)")
    add("--size", type=_count, default=20_000, metavar="BYTES", help="attachments of a message (20000)")
    add("--recipients", type=_positive, default=1, metavar="K", help="of each sent message (1)")
    add("--format", choices=FORMATS, default="maildir", help="shape of the mailbox (maildir, with folders)")
    add("--address", type=_address, default="studio@pec.esempio-legale.it", help="the holder's mailbox")
    add("--second", type=_address, metavar="ADDRESS", help="another mailbox of the holder, in DIR/second")
    add("--start", type=_day, default=_day("2024-03-01"), metavar="DATE", help="first day (2024-03-01)")
    add(
        "--variants", type=_variants, default=(), metavar="NAME[,NAME...]",
        help="only these conversations; what remains is filled with envelopes",
    )  # fmt: skip
    add("--list", action="store_true", help="the names of all variants and how often each is dealt")
    add("--shuffle", action="store_true", help="any order of arrival: receipts late, and before their message")
    add("--duplicates", type=_percent, default=0, metavar="PERCENT", help="of the messages arrive twice (0)")
    add(
        "--reuse", type=_positive, default=1, metavar="N",
        help="fast: each envelope and receipt lies there N times, the same event under other outer headers (1)",
    )  # fmt: skip
    add("--serve", action="store_true", help="fills a Dovecot in DIR instead and runs it until Ctrl-C")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a number, 0 or more, found {text!r}")
    return int(text)


def _positive(text: str) -> int:
    if _count(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a number, 1 or more, found {text!r}")
    return int(text)


def _percent(text: str) -> int:
    if _count(text) > 100:
        raise argparse.ArgumentTypeError(f"expected a percentage, 0 to 100, found {text!r}")
    return int(text)


def _variants(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    unknown = [name for name in names if name not in TALES]
    if unknown:
        raise argparse.ArgumentTypeError(f"expected names that --list shows, found {', '.join(map(repr, unknown))}")
    return names


def _address(text: str) -> str:
    local, _, domain = text.partition("@")
    if not (local and domain and text.isascii() and text.isprintable()) or set(text) & set(' <>"&,;'):
        raise argparse.ArgumentTypeError(f"expected an address such as studio@pec.example, found {text!r}")
    return text


def _day(text: str) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d")
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected a date such as 2024-03-01, found {text!r}") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"expected a year from {FIRST_YEAR} to {LAST_YEAR}, found {text!r}")
    return day.replace(tzinfo=UTC)
