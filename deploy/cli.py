"""The `waymark` command."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
import psycopg
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from deploy import doctor as examination
from deploy import runtime as made
from deploy.backup import BackupRefused, back_up, restore
from deploy.embedded import EmbeddedError
from deploy.processes import run_all, run_gateway, run_service, run_worker, shared_database
from deploy.seed import DemoRefused, seed_demo
from deploy.services import SERVICES
from deploy.settings import DeploySettings
from gateway.proxy import ReverseProxy
from libs.common.logging import set_up_logging
from libs.common.messaging.dead import list_dead, replay
from libs.common.migrations import revise
from libs.common.service import Runtime, Service

T = TypeVar("T")
_service_name = click.Choice(list(SERVICES))


class _Commands(click.Group):
    """Turns what a person can mend into a plain sentence, without a traceback; ends on Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command asked for."""
        try:
            return super().invoke(ctx)
        except (EmbeddedError, BackupRefused, made.NotConfigured, DemoRefused) as error:
            raise click.ClickException(str(error)) from error
        except ValidationError as error:
            found = [(str(p["loc"][0]).upper(), p["msg"]) for p in error.errors()]
            wrong = [f"{name}: {text.removeprefix('Value error, ')}" for name, text in found]
            raise click.ClickException(f"settings: {'; '.join(wrong)}") from error
        except KeyboardInterrupt:
            ctx.exit(130)
        except (psycopg.OperationalError, DBAPIError) as error:
            first = str(getattr(error, "orig", error)).splitlines()[0]
            text = f"the database: {first}. Try `waymark migrate`, or `waymark doctor`."
            raise click.ClickException(text) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(made.VERSION, prog_name="waymark")
@click.pass_context
def main(context: click.Context) -> None:
    """Waymark: the self-hosted backend for job boards and career navigation."""
    os.umask(0o077)  # codes in mails, people's files: nobody else on this machine reads them
    settings = DeploySettings()
    context.obj = settings
    _log_as(context.invoked_subcommand or "waymark", settings)


@main.command()
@click.pass_obj
def up(settings: DeploySettings) -> None:
    """Run everything in one process; PostgreSQL too, where DATABASE_URL is not set."""
    _refuse_in_production(settings)
    _read_settings(*SERVICES)
    run_all(settings, click.echo)


@main.command()
@click.argument("name", type=_service_name)
@click.option("--port", type=click.IntRange(1, 65535), help="Default: the port of its …_URL.")
@click.pass_obj
def service(settings: DeploySettings, name: str, port: int | None) -> None:
    """Run one service; needs DATABASE_URL and RABBITMQ_URL."""
    _refuse_in_production(settings)
    _read_settings(name)
    _log_as(name, settings)
    run_service(name, settings, port or settings.port_of(name), click.echo)


@main.command()
@click.argument("name", type=_service_name)
@click.option("--port", type=click.IntRange(1, 65535), help="Of its health; default: PORT.")
@click.pass_obj
def worker(settings: DeploySettings, name: str, port: int | None) -> None:
    """More hands for a service: its events and tasks, no calls. Any number may run."""
    _refuse_in_production(settings)
    _read_settings(name)
    _log_as(f"{name}-worker", settings)
    run_worker(name, settings, port or settings.port, click.echo)


@main.command()
@click.pass_obj
def gateway(settings: DeploySettings) -> None:
    """Run the gateway in front of the services that run elsewhere."""
    _refuse_in_production(settings)
    run_gateway(settings, click.echo)


@main.command()
@click.pass_obj
def migrate(settings: DeploySettings) -> None:
    """Bring database, broker and object store up to date. Safe to run again."""
    with shared_database(settings) as url:
        made.migrate(url)

    async def prepare() -> None:
        transport = made.open_transport(settings)
        await made.declare_all(transport)
        await transport.close()
        await made.prepare_storage(settings)

    asyncio.run(prepare())
    click.echo("database, broker and object store are up to date")


@main.command()
@click.option("--demo", is_flag=True, help="Demo accounts and jobs too; needs a running gateway.")
@click.pass_obj
def seed(settings: DeploySettings, demo: bool) -> None:
    """Load the reference data: skills and categories. Safe to run again."""

    async def load(runtimes: dict[str, Runtime]) -> None:
        for name, runtime in runtimes.items():
            await made.seed_reference(SERVICES[name], runtime)
        if demo:
            await seed_demo(ReverseProxy(f"http://127.0.0.1:{settings.port}"), runtimes)

    _with_runtimes(settings, list(SERVICES), load)
    click.echo("seeded")


@main.command()
@click.argument("name", type=_service_name, required=False)
@click.pass_obj
def dead(settings: DeploySettings, name: str | None) -> None:
    """List dead letters: events whose handler gave up."""

    async def listing(runtimes: dict[str, Runtime]) -> int:
        count = 0
        for owner, runtime in runtimes.items():
            async with runtime.db.read() as session:
                for letter in await list_dead(session):
                    count += 1
                    click.echo(
                        f"{owner}  {letter.message_id}  {letter.name} -> {letter.handler}"
                        f"  {letter.attempts} attempts  {letter.error.splitlines()[-1]}"
                    )
        return count

    count = _with_runtimes(settings, [name] if name else list(SERVICES), listing)
    click.echo(f"{count} dead letters")


@main.command(name="replay")
@click.argument("name", type=_service_name)
@click.argument("message_id", type=click.UUID, required=False)
@click.pass_obj
def revive(settings: DeploySettings, name: str, message_id: UUID | None) -> None:
    """Try the dead letters of a service again: one message, or all."""

    async def again(runtimes: dict[str, Runtime]) -> int:
        async with runtimes[name].db.write() as session:
            return await replay(session, message_id)

    click.echo(f"{_with_runtimes(settings, [name], again)} dead letters wait to be tried again")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_obj
def backup(settings: DeploySettings, folder: Path) -> None:
    """Back up database, keys and stored files to the new FOLDER. It may all be running."""
    with shared_database(settings) as url:
        back_up(url, settings.data_dir, folder, made.VERSION)
    click.echo(f"{folder} holds database, keys and stored files: keep it as you keep secrets")


@main.command(name="restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_obj
def bring_back(settings: DeploySettings, folder: Path) -> None:
    """Load the backup in FOLDER. The database must be empty, and DATA_DIR new."""
    with shared_database(settings) as url:
        restore(url, settings.data_dir, folder)
        made.migrate(url)
    click.echo("restored; start as ever")


@main.command()
@click.pass_obj
def doctor(settings: DeploySettings) -> None:
    """Check the configuration, and say what to mend."""
    _read_settings(*SERVICES)
    findings = asyncio.run(examination.examine(settings))
    for finding in findings:
        click.echo(f"{'ok  ' if finding.ok else 'MEND'}  {finding.subject}: {finding.text}")
    if not all(finding.ok for finding in findings):
        raise SystemExit(1)


@main.command()
@click.argument("name", type=_service_name)
@click.argument("message")
@click.pass_obj
def revision(settings: DeploySettings, name: str, message: str) -> None:
    """Write a service's next migration, for developers. It is made from the models."""
    owner = SERVICES[name]
    with shared_database(settings) as url:
        made.migrate(url)
        revise(url, name, owner.folder, owner.metadata, message)


@main.group()
def task() -> None:
    """Run a service's own commands. The word `task` may be left out: `waymark careers etl …`."""


def _log_as(process: str, settings: DeploySettings) -> None:
    set_up_logging(process, settings.log_level, settings.log_format)


def _refuse_in_production(settings: DeploySettings) -> None:
    if wanted := settings.unfit_for_production():
        raise made.NotConfigured(f"production wants {', '.join(wanted)}")


def _read_settings(*names: str) -> None:
    """Read the services' own settings: a wrong one ends the start, and not a request much later."""
    for name in names:
        if (read := SERVICES[name].settings) is not None:
            read()


def _with_runtimes(
    settings: DeploySettings, names: list[str], work: Callable[[dict[str, Runtime]], Awaitable[T]]
) -> T:
    """Open the runtimes of some services, over the configured database, for one piece of work."""

    async def run() -> T:
        async with AsyncExitStack() as stack:
            runtimes = {
                name: await stack.enter_async_context(_runtime(SERVICES[name], settings))
                for name in names
            }
            return await work(runtimes)

    with shared_database(settings):
        return asyncio.run(run())


class _OfService(click.Group):
    """Commands that a service brings along; it is imported when they are asked for."""

    def __init__(self, name: str, owner: str, text: str) -> None:
        super().__init__(name, help=text)
        self._owner = owner

    @property
    def _own(self) -> click.Group:
        own = SERVICES[self._owner].commands
        assert own is not None
        return own

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Tell their names."""
        return self._own.list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find one of them."""
        return self._own.get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run one; it gets as `obj` what it expects: a way to open its service's runtime."""
        ctx.obj = partial(_runtime, SERVICES[self._owner], ctx.obj)
        return super().invoke(ctx)


for _of_service in (
    _OfService("admin", "auth", "Admin accounts, and the keys of tokens and identity numbers."),
    _OfService("careers", "careers", "The careers encyclopedia."),
    _OfService("ingestion", "ingestion", "Job postings collected from elsewhere."),
):
    main.add_command(_of_service)
    task.add_command(_of_service)


@asynccontextmanager
async def _runtime(owner: Service, settings: DeploySettings) -> AsyncIterator[Runtime]:
    with shared_database(settings) as url:
        transport, reach = made.open_transport(settings), made.elsewhere(settings)
        verifier = made.open_verifier(reach("auth"), settings)
        runtime = made.open_runtime(owner, url, transport, reach, verifier, settings)
        runtime.db.info["runtime"] = runtime
        try:
            yield runtime
        finally:
            await transport.close()
            await runtime.db.close()
