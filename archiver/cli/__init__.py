"""The command line: one verb per errand, the same manner everywhere."""

import click

from archiver import __version__
from archiver.cli import catalog, intake, judging, purging, reading, renewing, sealing, sweeping, trust
from archiver.cli.door import Door


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="archiver")
@click.option("--config", metavar="FILE", help="The configuration; else $ARCHIVER_CONFIG, else ./archiver.toml.")
@click.option("--lang", type=click.Choice(["it", "en"]), help="Language of results; else as configured, else Italian.")
@click.pass_context
def main(context: click.Context, config: str | None, lang: str | None) -> None:
    """Conservazione a norma of Italian certified mail (PEC).

    \b
    Exit codes: 0 done / PASSED · 1 a verdict is not PASSED, or some units failed and were reported
                2 usage or configuration · 3 a service was unavailable, try again
                4 conflict: something is there that must not be
    """
    context.obj = Door(config, lang)


for command in (
    intake.init,
    intake.ingest,
    sealing.seal,
    renewing.renew,
    sweeping.replicate,
    sweeping.sweep,
    purging.purge,
    judging.verify,
    reading.status,
    reading.search,
    reading.show,
    intake.doctor,
    trust.trust,
    catalog.catalog,
):
    main.add_command(command)
