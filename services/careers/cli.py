"""The service's own commands: `waymark careers …`."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import click

from libs.common.service import Runtime
from services.careers.etl.loader import load_careers
from services.careers.etl.mapping import OCCUPATION_COLUMNS, OCCUPATIONS
from services.careers.etl.report import TableReport
from services.careers.etl.sources import ReleaseUnreadable, read_table, release_version

OpenRuntime = Callable[[], AbstractAsyncContextManager[Runtime]]


@click.group("careers")
def commands() -> None:
    """The careers encyclopedia."""


@commands.command()
@click.option(
    "--mode",
    type=click.Choice(["FILES"], case_sensitive=False),
    required=True,
    help="FILES: the public O*NET database release, as text files; needs no API key.",
)
@click.option(
    "--path",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="The release: its zip, or the folder that it was unpacked to.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.pass_obj
def etl(open_runtime: OpenRuntime, mode: str, path: Path, dry_run: bool) -> None:
    """Load the occupations of an O*NET release; safe to run again."""
    try:
        report = asyncio.run(_load_files(open_runtime, path, dry_run))
    except ReleaseUnreadable as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{'dry run: ' if dry_run else ''}{report}")


async def _load_files(open_runtime: OpenRuntime, release: Path, dry_run: bool) -> TableReport:
    version = release_version(release)
    rows = read_table(release, OCCUPATIONS, OCCUPATION_COLUMNS)
    async with open_runtime() as runtime, runtime.db.write() as session:
        with click.progressbar(rows, label=OCCUPATIONS, file=sys.stderr) as watched:
            report = await load_careers(session, watched, version)
        if dry_run:
            await session.rollback()
    return report
