"""The identity service's own commands: `waymark admin create …`, `waymark admin rotate-keys`."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import click
import pydantic
from sqlalchemy.exc import IntegrityError

from libs.common.handlers import as_api_error
from libs.common.identity import Role
from libs.common.service import Runtime
from libs.common.settings import CommonSettings
from services.auth import keys
from services.auth.commands.accounts import activate, add_account
from services.auth.commands.people import hold
from services.auth.schemas.accounts import RegisterIn
from services.auth.tokens import access_token_life

OpenRuntime = Callable[[], AbstractAsyncContextManager[Runtime]]


@click.group("admin")
def commands() -> None:
    """Accounts that registration never makes, and the keys of access tokens."""


@commands.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@click.pass_obj
def create_admin(open_runtime: OpenRuntime, email: str, name: str, password: str) -> None:
    """Make an active Admin account; asks for the password where none is given."""
    try:
        new = RegisterIn.model_validate({"email": email, "name": name, "password": password})
        asyncio.run(_create_admin(open_runtime, new))
    except pydantic.ValidationError as error:
        problems = (f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors())
        raise click.ClickException("; ".join(problems)) from None
    except IntegrityError as error:
        raise click.ClickException(as_api_error(error).code) from error
    click.echo(f"{new.email} is an admin now.")


async def _create_admin(open_runtime: OpenRuntime, new: RegisterIn) -> None:
    async with open_runtime() as runtime, runtime.db.write() as session:
        account = await add_account(session, new, Role.ADMIN)
        activate(session, *await hold(session, account.id))


@commands.command("rotate-keys")
@click.pass_obj
def rotate_keys(open_runtime: OpenRuntime) -> None:
    """Make a new key that soon signs access tokens, and remove those whose last token is over.

    Nobody is signed out. The new key is public at once, and signs when everybody who checks
    tokens has fetched it.
    """
    common = asyncio.run(_settings(open_runtime))
    if common.jwt_algorithm != "EdDSA":
        raise click.ClickException("JWT_ALGORITHM is HS256: there are no keys, but JWT_SECRET_KEY")
    made, removed = keys.rotate(common.data_dir, access_token_life())
    click.echo(f"{made.id} is public now, and signs in {keys.PAUSE.seconds} seconds.")
    for old in removed:
        click.echo(f"{old.id} is removed.")


async def _settings(open_runtime: OpenRuntime) -> CommonSettings:
    async with open_runtime() as runtime:
        return runtime.settings
