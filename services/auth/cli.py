"""The identity service's own commands: `waymark admin create …`, `rotate-keys`, `reseal`."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import click
import pydantic
from sqlalchemy.exc import IntegrityError

from libs.common.context import Context, entered
from libs.common.handlers import as_api_error
from libs.common.identity import Role
from libs.common.service import Runtime
from libs.common.settings import CommonSettings
from services.auth import keys
from services.auth.commands import sealing
from services.auth.commands.accounts import activate, add_account
from services.auth.commands.people import hold
from services.auth.otp_mail import CATALOGUE
from services.auth.schemas.accounts import RegisterIn
from services.auth.tokens import access_token_life

OpenRuntime = Callable[[], AbstractAsyncContextManager[Runtime]]


@click.group("admin")
def commands() -> None:
    """Admin accounts, and the keys of tokens and identity numbers."""


@commands.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@click.pass_obj
def create_admin(open_runtime: OpenRuntime, email: str, name: str, password: str) -> None:
    """Make an active Admin account. Asks for the password where none is given."""
    try:
        new = RegisterIn.model_validate({"email": email, "name": name, "password": password})
        asyncio.run(_create_admin(open_runtime, new))
    except pydantic.ValidationError as error:
        found = [(problem["loc"][0], problem["msg"]) for problem in error.errors()]
        wrong = [f"{field}: {text.removeprefix('Value error, ')}" for field, text in found]
        raise click.ClickException("; ".join(wrong)) from None
    except IntegrityError as error:
        with entered(Context("", "", "en")):
            said = CATALOGUE.say(f"errors.{as_api_error(error).text}")
        raise click.ClickException(said) from error
    click.echo(f"{new.email} is an admin now.")


async def _create_admin(open_runtime: OpenRuntime, new: RegisterIn) -> None:
    async with open_runtime() as runtime, runtime.db.write() as session:
        account = await add_account(session, new, Role.ADMIN)
        activate(session, *await hold(session, account.id))


@commands.command("rotate-keys")
def rotate_keys() -> None:
    """Make a new key that soon signs access tokens, and remove those whose last token is over.

    Nobody is signed out. The new key is public at once, and signs when everybody who checks
    tokens has fetched it.
    """
    common = CommonSettings()
    if common.jwt_algorithm != "EdDSA":
        raise click.ClickException("JWT_ALGORITHM is HS256: there are no keys, but JWT_SECRET_KEY")
    if not keys.are_in(common.data_dir):
        [first] = keys.signing_keys(common.data_dir)
        click.echo(f"There was no key in {common.data_dir}: {first.id} is made, and signs at once.")
        return
    made, removed = keys.rotate(common.data_dir, access_token_life())
    click.echo(f"{made.id} is public now, and signs in {keys.PAUSE.seconds} seconds.")
    for old in removed:
        click.echo(f"{old.id} is removed.")


@commands.command("reseal")
@click.pass_obj
def reseal_numbers(open_runtime: OpenRuntime) -> None:
    """Seal identity numbers anew, under the newest of ENCRYPTION_KEYS, so that older keys may go.

    Every process of auth must have that key already.
    """
    moved, unreadable, missing = asyncio.run(_reseal(open_runtime))
    click.echo(f"{moved} identity numbers are under the newest key now.")
    if unreadable:
        missing = [f"{unreadable} would not open: the log names the accounts", *missing]
    if missing:
        raise click.ClickException("; ".join(missing))


async def _reseal(open_runtime: OpenRuntime) -> tuple[int, int, list[str]]:
    async with open_runtime() as runtime:
        moved, unreadable = await sealing.reseal(runtime.db)
        async with runtime.db.read() as session:
            missing = await sealing.missing_keys(session, runtime.settings)
        return moved, unreadable, [*missing]
