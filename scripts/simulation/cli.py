"""The command line of the simulator."""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context

from archiver.compose.intake import tied
from simulation.bugs import BUGS, at_work
from simulation.life import Told, live

TRIED = 50
"""Within so many seeds each bug must be caught."""


def main(argv: Sequence[str] | None = None) -> int:
    """Lives the seeds and tells what became of them; 0 all is well, 1 something was lost or a bug was not caught."""
    parser = argparse.ArgumentParser(prog="simulate", description="Decades of an archive in minutes.")
    parser.add_argument("--seed", type=int, action="append", default=[], help="one seed; may be given again")
    parser.add_argument("--seeds", type=_span, default=(), metavar="A..B", help="all seeds from A to B")
    parser.add_argument("--years", type=float, default=30, help="how long each lives (30)")
    parser.add_argument("--bug", choices=tuple(BUGS), help="with this bug in it")
    parser.add_argument("--bugs", action="store_true", help="whether each bug is caught")
    parser.add_argument("--tries", type=int, default=TRIED, help=f"seeds to be tried for each bug ({TRIED})")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    asked = parser.parse_args(argv)
    if asked.bugs:
        return _bugs(asked)
    seeds = [*asked.seeds, *asked.seed]
    if not seeds:
        parser.error("give --seed N, --seeds A..B or --bugs")
    begun = time.monotonic()
    told = []
    for one in _lived(seeds, asked.years, asked.bug or "", asked.jobs):
        told.append(one)
        _say(one, asked)
    _sum(told, time.monotonic() - begun, asked)
    return 1 if any(one.wrong for one in told) else 0


def lived(seed: int, years: float, bug: str = "") -> Told:
    """One life, with a bug in it or without."""
    if not bug:
        return live(seed, years=years)
    with at_work(bug) as spoil:
        return live(seed, years=years, change=spoil)


def _lived(seeds: Sequence[int], years: float, bug: str, jobs: int) -> Iterator[Told]:
    if jobs == 1 or len(seeds) == 1:
        yield from (lived(seed, years, bug) for seed in seeds)
        return
    with ProcessPoolExecutor(min(jobs, len(seeds)), mp_context=get_context("spawn"), initializer=tied) as pool:
        yield from pool.map(partial(lived, years=years, bug=bug), seeds)


def _bugs(asked: argparse.Namespace) -> int:
    """Tries each bug until a seed catches it."""
    caught: dict[str, int | None] = {}
    for bug in BUGS:
        caught[bug] = None
        for seed in range(1, asked.tries + 1):
            one = lived(seed, min(asked.years, 2), bug)
            if one.wrong:
                caught[bug] = seed
                break
        if not asked.json:
            print(f"{bug}: {f'caught by seed {seed}: {one.wrong[:160]}' if one.wrong else 'NOT CAUGHT'}", flush=True)
    if asked.json:
        print(json.dumps(caught))
    return 1 if None in caught.values() else 0


def _say(one: Told, asked: argparse.Namespace) -> None:
    if asked.json:
        return
    print(
        f"seed {one.seed}: {one.nights} nights, {one.messages} messages, {one.volumes} volumes, {one.objects} objects,"
        f" {sum(one.faults.values())} faults, {one.repaired} repairs, {one.verdicts} verdicts, log {one.digest[:16]}",
        flush=True,
    )
    if one.wrong:
        bug = f" --bug {asked.bug}" if asked.bug else ""
        print("\n".join(one.last))
        print(
            f"WRONG, {one.wrong}\nreplay: scripts/simulate --seed {one.seed} --years {asked.years:g}{bug}", flush=True
        )


def _sum(told: Sequence[Told], seconds: float, asked: argparse.Namespace) -> None:
    faults: Counter[str] = Counter()
    for one in told:
        faults.update(one.faults)
    wrong = [one.seed for one in told if one.wrong]
    if asked.json:
        print(
            json.dumps({"seconds": seconds, "wrong": wrong, "faults": faults, "seeds": [asdict(one) for one in told]})
        )
        return
    years = sum(one.years for one in told)
    print(
        f"{len(told)} seeds, {years:g} archive-years in {seconds:.0f} s; {sum(faults.values())} faults of"
        f" {len(faults)} kinds; wrong: {len(wrong)}"
    )
    for kind, count in sorted(faults.items()):
        print(f"  {count:7} {kind}")


def _span(text: str) -> range:
    first, dots, last = text.partition("..")
    if not dots or int(last) < int(first):
        raise argparse.ArgumentTypeError(f"{text!r}: expected A..B")
    return range(int(first), int(last) + 1)


if __name__ == "__main__":
    sys.exit(main())
