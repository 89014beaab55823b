"""Commands that go through the API: as the person whose token is given, by the rules and with the records of a page."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import requests

from bluelamp.cli.desk import Desk, DeskError
from bluelamp.cli.fetching import Api, Bearer
from bluelamp.errors import BluelampError

LOCAL = Path(".bluelamp/local.json")
Command = Callable[..., None]
Told = Callable[[Mapping[str, Any]], str]
# The API names a few things otherwise than the command that does them.
_COMMANDS = {"report_post": "report", "reply_saved": "reply --saved"}


def where(command: Command) -> Command:
    """Give a command the options that say where the API is: `url`, `token` and `local`."""
    command = click.option(
        "--local",
        type=click.Path(dir_okay=False, path_type=Path),
        default=LOCAL,
        show_default=True,
        help="Where the running local stack wrote its addresses.",
    )(command)
    token = "An access token; better in BLUELAMP_TOKEN than typed."  # noqa: S105 -- what an option is for
    command = click.option("--token", envvar="BLUELAMP_TOKEN", help=token)(command)
    return click.option("--url", help="Address of the page of a deployment, with --token; otherwise the local stack.")(
        command
    )


def through_the_api(role: str, told: Told) -> Callable[[Callable[..., dict[str, Any]]], Command]:
    """Give a command the API as its first argument, and the options that say where; print what it returns.

    Parameters
    ----------
    role
        Who does it on the local stack, unless ``--as`` names another role.
    told
        Puts the answer into words; with ``--json`` it is printed as it came.
    """

    def decorate(ask: Callable[..., dict[str, Any]]) -> Command:
        @where
        @click.option("--as", "acting", default=role, show_default=True, help="As whom, by role, on the local stack.")
        @click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
        @functools.wraps(ask)
        def command(
            *, url: str | None, token: str | None, local: Path, acting: str, as_json: bool, **given: Any
        ) -> None:
            try:
                answer = ask(api_of(url, token, local, acting), **given)
            except DeskError as error:
                raise click.ClickException(f"{error}{_possible(error)}") from error
            except (BluelampError, requests.RequestException) as error:
                raise click.ClickException(str(error)) from error
            click.echo(json.dumps(answer) if as_json else told(answer))

        return command

    return decorate


def api_of(url: str | None, token: str | None, local: Path, role: str) -> Api:
    """Return the API of a deployment, or that of the local stack as somebody of a role.

    Raises
    ------
    ClickException
        When a token is missing, or there is no local stack, or nobody of that role on it.
    """
    if url:
        if not token:
            raise click.UsageError("--url needs an access token: set BLUELAMP_TOKEN")
        return Bearer(url, token)
    try:
        stack = json.loads(local.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise click.ClickException(f"{local} cannot be read: start the stack with make run, or give --url") from None
    users = stack["users"]
    if role not in users:
        raise click.UsageError(f"nobody on the local stack is {role!r}; there are {', '.join(sorted(users))}")
    return Desk(stack["dashboard"], users[role]).sign_in()


def pages(api: Api, path: str, name: str, **query: Any) -> dict[str, Any]:
    """Return all pages of a list as one."""
    found: list[Any] = []
    cursor: str | None = None
    while True:
        page = api.get(path, **{key: value for key, value in {**query, "cursor": cursor}.items() if value is not None})
        found += page[name]
        cursor = page["next"]
        if cursor is None:
            return {name: found}


def _possible(error: DeskError) -> str:
    """Return the commands that do what the API says is possible in place of what it refused, on a line of their own."""
    commands = ", ".join(f"bluelamp post {_COMMANDS.get(one, one)}" for one in error.instead)
    return f"\nPossible instead: {commands}" if commands else ""
