"""The service's own commands: `waymark careers …`."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import click

from libs.common.service import Runtime
from services.careers.etl.export import export_tables
from services.careers.etl.progress import show, steps, tell
from services.careers.etl.report import Report
from services.careers.etl.runs import Order, RunRefused, run
from services.careers.etl.shape import Mode
from services.careers.rules import is_onet_code

OpenRuntime = Callable[[], AbstractAsyncContextManager[Runtime]]


@click.group("careers")
def commands() -> None:
    """The careers encyclopedia."""


def _codes(context: click.Context, option: click.Parameter, text: str | None) -> list[str] | None:
    if text is None:
        return None
    codes = [code.strip() for code in text.split(",") if code.strip()]
    if wrong := [code for code in codes or [text] if not is_onet_code(code)]:
        said = ", ".join(map(repr, wrong))
        raise click.BadParameter(f"{said} is no O*NET-SOC code such as 15-1252.00")
    return codes


@commands.command()
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode], case_sensitive=False),
    help="Where from: FILES is a release of the O*NET database as text files and needs no key; the"
    " others ask O*NET Web Services. Default: ONET_MODE.",
)
@click.option(
    "--path",
    type=click.Path(exists=True, path_type=Path),
    help="Of FILES the release: its zip, or a folder; BLS's files in it are loaded too, in any"
    " mode.",
)
@click.option("--codes", callback=_codes, help="Only these occupations, parted by commas.")
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the latest run, if it was cut off; with a mode, path or codes, with the latest"
    " run of those.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.pass_obj
def etl(
    open_runtime: OpenRuntime,
    mode: str | None,
    path: Path | None,
    codes: list[str] | None,
    resume: bool,
    dry_run: bool,
) -> None:
    """Load the occupations. Safe to run again, and to kill."""
    order = Order(None if mode is None else Mode(mode), path, codes)

    async def work() -> Report:
        async with open_runtime() as runtime:
            return await run(runtime.db, order, steps, tell, resume=resume, dry=dry_run)

    try:
        report = asyncio.run(work())
    except RunRefused as error:
        raise click.ClickException(str(error)) from error
    if dry_run:
        click.echo("dry run: nothing was written")
    show(report)
    if report.tables["careers"].failed:
        raise SystemExit(1)


@commands.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default="careers-export",
    show_default=True,
    help="The folder that is made or filled.",
)
@click.pass_obj
def export(open_runtime: OpenRuntime, folder: Path) -> None:
    """Write every table of the encyclopedia as a CSV file."""

    async def work() -> dict[str, int]:
        async with open_runtime() as runtime:
            return await export_tables(runtime.db, folder)

    try:
        folder.mkdir(parents=True, exist_ok=True)
        counts = asyncio.run(work())
    except OSError as error:
        raise click.ClickException(f"cannot write the snapshot: {error}") from error
    for name, rows in counts.items():
        click.echo(f"{name}: {rows} rows")
