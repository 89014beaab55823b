"""Naming a person to a command: by pseudonym, or by platform and id for whoever holds the deployment's key."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bluelamp.pseudonyms import Pseudonyms

_PSEUDONYM = re.compile(r"[0-9a-f]{64}")


def pseudonym(given: str | None, key: Path | None, option: str) -> str | None:
    """Return the pseudonym that an option names.

    Parameters
    ----------
    given
        64 hex digits, or ``platform:id``.
    key
        The file that holds the pseudonym key, for the latter.
    option
        For messages.
    """
    if given is None or _PSEUDONYM.fullmatch(given):
        return given
    platform, colon, native = given.partition(":")
    if not colon or not platform or not native:
        raise click.BadParameter("a pseudonym has 64 hex digits; or give platform:id", param_hint=option)
    if key is None:
        text = "platform:id needs the deployment's key: give --pseudonym-key, or ask for the pseudonym of that person"
        raise click.BadParameter(text, param_hint=option)
    try:
        return Pseudonyms(key.read_bytes()).author(platform, native)
    except (ValueError, OSError) as error:
        raise click.BadParameter(str(error), param_hint="--pseudonym-key") from error
