"""The service's own commands: `waymark ingestion …`."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from libs.common.alone import UnderWay
from libs.common.service import Runtime
from services.ingestion.commands.ledger import RunLost
from services.ingestion.commands.reextract import ask_for_all
from services.ingestion.runs import collect
from services.ingestion.settings import settings
from services.ingestion.sources.files import JobFile
from services.ingestion.sources.opened import MAX_AGE_DAYS, open_source, usable_sources
from services.ingestion.sources.shape import JobSource, SourceRefused, SourceStopped
from services.ingestion.tally import Tally

OpenRuntime = Callable[[], AbstractAsyncContextManager[Runtime]]
Opened = AbstractAsyncContextManager[JobSource]

_SEED_DAYS = 14  # seed N's


@click.group("ingestion")
def commands() -> None:
    """Job postings collected from elsewhere."""


@commands.command()
@click.option("--source", "names", multiple=True, help="Only this one; may be repeated.")
@click.pass_obj
def run(open_runtime: OpenRuntime, names: Sequence[str]) -> None:
    """Collect what is new from the configured sources. Goes on where the last run ended."""
    _run_configured(open_runtime, names, MAX_AGE_DAYS)


@commands.command()
@click.option("--days", type=click.IntRange(0, 365), default=_SEED_DAYS, show_default=True)
@click.pass_obj
def seed(open_runtime: OpenRuntime, days: int) -> None:
    """Collect the postings of the last days, before the schedule takes over."""
    _run_configured(open_runtime, (), days)


@commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many postings.")
@click.pass_obj
def import_file(open_runtime: OpenRuntime, file: Path, limit: int | None) -> None:
    """Load postings from a JSON Lines or CSV FILE. It may be gzipped. Safe to run again."""
    tally, problem = _run(open_runtime, nullcontext(JobFile(file, limit)))
    if problem is None and tally.jobs and tally.failed == tally.jobs:
        problem = "nothing in it is a posting: JSON Lines or CSV?"
    if problem:
        raise click.ClickException(problem)


@commands.command()
@click.pass_obj
def reextract(open_runtime: OpenRuntime) -> None:
    """Have the skills of all postings extracted anew. The service's workers do it."""

    async def ask() -> int:
        with _bar() as bar:
            task = bar.add_task("postings", total=1.0, so_far="")
            async with open_runtime() as runtime:
                return await ask_for_all(
                    runtime.db,
                    lambda done, all_: bar.update(
                        task, completed=done / max(1, all_), so_far=f"{done} of {all_}"
                    ),
                )

    click.echo(f"{asyncio.run(ask())} postings wait for extraction")


def _run_configured(open_runtime: OpenRuntime, names: Sequence[str], days: int) -> None:
    """Run over sources one after the other; one that fails does not keep the others back."""
    usable = usable_sources(settings())
    wanted = [name for name in usable if name in names or not names]
    if not wanted or {*names} - {*usable}:
        raise click.ClickException(
            "no such source is configured: see JOB_SOURCES, THEIR_STACK_API_KEY,"
            " GREENHOUSE_BOARDS and LEVER_SITES"
        )
    sources = {name: open_source(name, settings(), max_age_days=days) for name in wanted}
    problems = {name: _run(open_runtime, source)[1] for name, source in sources.items()}
    told = [f"{name}: {problem}" for name, problem in problems.items() if problem]
    if told:
        raise click.ClickException("; ".join(told))


def _run(open_runtime: OpenRuntime, opening: Opened) -> tuple[Tally, str | None]:
    """Run over one source under a bar, print its summary; return it, and what it stopped at."""
    tally, problem = Tally(), None
    with _bar() as bar:
        try:
            asyncio.run(_collect(open_runtime, opening, tally, bar))
        except (SourceStopped, SourceRefused, UnderWay) as error:
            problem = str(error)
        except RunLost:
            problem = "another process goes on with this run"
    click.echo(tally)
    return tally, problem


async def _collect(open_runtime: OpenRuntime, opening: Opened, tally: Tally, bar: Progress) -> None:
    async with open_runtime() as runtime, opening as source:
        task = bar.add_task(f"postings of {source.name}", total=1.0, so_far="")

        def watch(progress: float, so_far: Tally) -> None:
            counts = f"{so_far.jobs} jobs, {so_far.pages} pages, {so_far.credits} credits"
            bar.update(task, completed=progress, so_far=counts)

        await collect(runtime.db, source, tally, watch)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[so_far]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
