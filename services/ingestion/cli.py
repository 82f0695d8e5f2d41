"""The service's own commands: `waymark ingestion …`."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from itertools import islice
from pathlib import Path
from typing import IO

import click

from libs.common.service import Runtime
from services.ingestion.runs import run_over
from services.ingestion.sources.jsonl import FileUnreadable, read_jsonl
from services.ingestion.sources.shape import BadLine, SourcePosting
from services.ingestion.tally import Tally

OpenRuntime = Callable[[], AbstractAsyncContextManager[Runtime]]


@click.group("ingestion")
def commands() -> None:
    """Job postings collected from elsewhere."""


@commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many lines.")
@click.pass_obj
def import_file(open_runtime: OpenRuntime, file: Path, limit: int | None) -> None:
    """Load postings from a JSON Lines FILE, plain or gzipped; safe to run again."""
    tally = Tally()
    try:
        with file.open("rb") as opened:
            found = islice(_watched(opened, file.stat().st_size), limit)
            asyncio.run(_import(open_runtime, found, tally))
    except FileUnreadable as error:
        raise click.ClickException(f"{file} is damaged ({error}); so far: {tally}") from error
    click.echo(tally)


async def _import(
    open_runtime: OpenRuntime, found: Iterator[SourcePosting | BadLine], tally: Tally
) -> None:
    async with open_runtime() as runtime:
        await run_over(runtime.db, "jsonl", found, tally)


def _watched(file: IO[bytes], size: int) -> Iterator[SourcePosting | BadLine]:
    """Read a file under a bar that shows how much of its bytes has been taken."""
    with click.progressbar(length=size, label="postings", file=sys.stderr) as bar:
        for found in read_jsonl(file):
            bar.update(file.tell() - bar.pos)
            yield found
