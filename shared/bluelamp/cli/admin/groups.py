"""`bluelamp groups`: what the force's own groups give here, shown and set from a file.

It goes through the API as the administrator whose token is given: the mapping decides who comes in, so the record
names a person and not the keys of the AWS account.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from bluelamp.cli.fetching import Api
from bluelamp.cli.through import through_the_api
from bluelamp.errors import InvalidInputError

MAX_BYTES = 256 * 1024
UNCONFIRMED = "Not confirmed: it does not hold for whoever set it until another administrator sets it too."


def _told(answer: Mapping[str, Any]) -> str:
    lines = [
        f"{one['group']:<38} {one.get('label') or '-':<24} {one['role']:<12} {' '.join(one['teams'])}".rstrip()
        for one in answer["rules"]
    ]
    last = f"{len(lines)} rules, revision {answer['rev']}, SHA-256 {answer['sha256']}"
    return "\n".join([*lines, last, *([] if answer["confirmed"] or not answer["rev"] else [UNCONFIRMED])])


@click.group()
def groups() -> None:
    """Say what the force's own groups give: a role, and teams."""


@groups.command("show")
@through_the_api("admin", _told)
def show(api: Api) -> dict[str, Any]:
    """Show the rules in their order; the reading is recorded."""
    return api.get("/groups")


@groups.command("set")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@through_the_api("admin", _told)
def set_rules(api: Api, *, file: Path) -> dict[str, Any]:
    """Set the rules to what the JSON FILE says; its `rev` is the revision that `show --json` printed."""
    said = _read(file)
    return api.put("/groups", {"rules": said["rules"], "rev": said["rev"]})


def _read(file: Path) -> Mapping[str, Any]:
    """Return what the file says.

    Raises
    ------
    InvalidInputError
        When it is too large, no JSON, or without rules and revision; nothing was sent.
    """
    with file.open("rb") as opened:
        raw = opened.read(MAX_BYTES + 1)
    try:
        said = json.loads(raw) if len(raw) <= MAX_BYTES else None
    except ValueError:
        said = None
    if not isinstance(said, dict) or not {"rules", "rev"} <= said.keys():
        raise InvalidInputError(
            f'{file} is not what is wanted here: JSON of 256 KB at most with "rev" and "rules", as bluelamp groups '
            "show --json prints it; nothing was sent"
        )
    return said
