"""The command line: fills a catalog, asks everything, prints what it read and how, and a verdict."""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from servers.postgres import installed, running

from archiver.adapters.catalog import Catalog
from explaining.filling import fill
from explaining.plans import listening
from explaining.questions import NIGHT, questions
from explaining.shape import Shape
from explaining.verdict import Judged, judge
from explaining.widths import Width, widths

PER_MESSAGE = {True: 12_000, False: 6_000}
"""Bytes of disk for a message and all that belongs to it, with its body's words or without, with room to fill it."""


def main(argv: Sequence[str] | None = None) -> int:
    """0: nothing of the night grows with the archive; 1: something does."""
    asked = _parser().parse_args(argv)
    shape = Shape.of(asked.rows, per_segment=asked.per_segment, per_volume=asked.per_volume)
    try:
        needed = PER_MESSAGE[not asked.no_bodies] * shape.messages
        with _catalog(asked.database, asked.folder, needed) as catalog:
            say(f"{asked.database}: filling {shape.messages:,} messages, {shape.segments:,} segments ...")
            start = time.monotonic()
            fill(catalog, shape, bodies=not asked.no_bodies, say=say)
            filled = time.monotonic() - start
            say(f"filled in {filled:.0f} s; asking ...")
            sizes = widths(catalog)
            found = list(explained(catalog, shape))
    except RuntimeError as error:
        print(f"explain: {error}", file=sys.stderr)
        return 2
    print(_json(asked.database, shape, filled, sizes, found) if asked.json else _table(shape, filled, sizes, found))
    if asked.plans:
        asked.plans.write_text("\n".join(_plans(found)), encoding="utf-8")
    return int(any(one.wrong for one in found if one.question.of == NIGHT))


def explained(catalog: Catalog, shape: Shape, names: Collection[str] | None = None) -> Iterator[Judged]:
    """Every question, or those of these names, judged."""
    sizes = {one.table: one.rows for one in widths(catalog) if catalog._database.server}
    with listening() as heard:
        for question in questions(catalog, shape):
            if names is not None and question.name not in names:
                continue
            heard.plans.clear()
            before, heard.seconds = time.perf_counter(), 0.0
            question.ask()
            yield judge(question, list(heard.plans), time.perf_counter() - before - heard.seconds, sizes)


def say(text: str) -> None:
    """On stderr: stdout is for what was found."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def _catalog(database: str, folder: Path | None, needed: int) -> Iterator[Catalog]:
    """An empty one, gone at the end. Raises RuntimeError when there is no server, or no room."""
    free = shutil.disk_usage(folder or tempfile.gettempdir()).free
    if free < needed:
        raise RuntimeError(
            f"{free / 1e9:.0f} GB are free and {needed / 1e9:.0f} GB may be needed: name another place (--folder),"
            " fewer rows (--rows), or no words of bodies (--no-bodies)"
        )
    if database == "postgresql" and not installed():
        raise RuntimeError("PostgreSQL's server is not installed (Debian: apt-get install postgresql)")
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="explain-", dir=folder)))
        if database == "postgresql":
            server = stack.enter_context(running(home))
            url = server.url(server.fresh())
        else:
            url = f"sqlite:///{home / 'catalog.db'}"
        catalog = Catalog.open(url, create=True)
        stack.callback(catalog.close)
        yield catalog


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="explain",
        description="Fills a catalog and explains every question that is asked of it.",
        epilog="example: scripts/explain --database postgresql --rows 1000000 --plans plans.txt",
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--rows", type=int, default=1_000_000, help="messages (1000000)")
    parser.add_argument("--per-segment", type=int, default=20, help="messages that a poll brings (20)")
    parser.add_argument("--per-volume", type=int, default=20, help="segments of a volume (20)")
    parser.add_argument("--no-bodies", action="store_true", help="full text of headers alone, which takes less room")
    parser.add_argument("--folder", type=Path, help="where the database lies (TMPDIR)")
    parser.add_argument("--plans", type=Path, metavar="FILE", help="write every plan into this file")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    return parser


def _table(shape: Shape, filled: float, sizes: list[Width], found: list[Judged]) -> str:
    head = f"{shape.messages:,} messages, {shape.segments:,} segments, {shape.volumes:,} volumes;"
    head += f" filled in {filled:.0f} s."
    lines = [
        head,
        "",
        "| who | question | statements | rows read | rows given | ms | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.question.of} | {one.question.name} | {len(one.plans)} | {_number(one.read)} | {one.given:,} |"
        f" {one.seconds * 1000:.1f} | {'; '.join(one.wrong) or ('inherent' if one.allowed else 'ok')} |"
        for one in found
    ]
    allowed = {one.question.name: one.allowed for one in found if one.allowed and not one.wrong}
    lines += ["", *(f"* inherent: {name}: {why}." for name, why in allowed.items())]
    lines += ["", "| table | rows | table MB | indexes MB | bytes a message |", "|---|---|---|---|---|"]
    lines += [
        f"| {one.table} | {one.rows:,} | {one.heap / 1e6:.0f} | {one.indexes / 1e6:.0f} |"
        f" {(one.heap + one.indexes) / shape.messages:.0f} |"
        for one in sizes
    ]
    total = sum(one.heap + one.indexes for one in sizes)
    bad = sum(bool(one.wrong) for one in found if one.question.of == NIGHT)
    verdict = f"{bad} questions of the night grow with the archive" if bad else "no question of the night grows"
    return "\n".join(
        [*lines, "", f"{total / 1e6:,.0f} MB, {total / shape.messages:,.0f} bytes a message. Verdict: {verdict}."]
    )


def _number(value: int) -> str:
    return f"{value:,}" if value >= 0 else "-"


def _json(database: str, shape: Shape, filled: float, sizes: list[Width], found: list[Judged]) -> str:
    return json.dumps(
        {
            "database": database, "messages": shape.messages, "segments": shape.segments, "volumes": shape.volumes,
            "filled_seconds": round(filled, 1),
            "questions": [
                {"name": one.question.name, "of": one.question.of, "statements": len(one.plans), "read": one.read,
                 "given": one.given, "ms": round(one.seconds * 1000, 2), "wrong": one.wrong, "inherent": one.allowed}
                for one in found
            ],
            "tables": [
                {"table": one.table, "rows": one.rows, "bytes": one.heap, "index_bytes": one.indexes} for one in sizes
            ],
            "wrong": sum(bool(one.wrong) for one in found if one.question.of == NIGHT),
        },
        indent=1,
    )  # fmt: skip


def _plans(found: list[Judged]) -> Iterator[str]:
    for one in found:
        yield f"=== {one.question.of}: {one.question.name}: {'; '.join(one.wrong) or 'ok'}"
        for plan in one.plans:
            yield f"--- read {plan.read}, given {plan.given}, pages {plan.pages}\n{plan.statement[:3000]}\n{plan.text}"
