"""The identity service's own commands: `waymark admin create …`."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import click
import pydantic
from sqlalchemy.exc import IntegrityError

from libs.common.handlers import as_api_error
from libs.common.identity import Role
from libs.common.service import Runtime
from services.auth.commands.accounts import activate, add_account
from services.auth.schemas.accounts import RegisterIn

OpenRuntime = Callable[[], AbstractAsyncContextManager[Runtime]]


@click.group("admin")
def commands() -> None:
    """Accounts that registration never makes."""


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
        await activate(session, account.id)
