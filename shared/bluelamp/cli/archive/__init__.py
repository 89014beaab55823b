"""`bluelamp archive`: bring the sealed archive to this machine, and look at it without asking anybody.

``pull`` needs the bucket, ``hold`` and ``dispose`` the API; every other command needs nothing but the folder, no
network and no AWS. Each command's module is imported when it is asked for.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import click

LOCAL = Path(".bluelamp/local.json")

COMMANDS = {
    "pull": ("bluelamp.cli.archive.pulling", "pull", "Bring the archive, or a part of it, to this machine."),
    "verify": ("bluelamp.cli.archive.verifying", "check", "Check an archive or an exported bag, offline."),
    "search": ("bluelamp.cli.archive.searching", "search", "Find records in an archive, or words in a bag."),
    "prove": ("bluelamp.cli.archive.proving", "prove", "Write the proof of one record, or check one."),
    "export": ("bluelamp.cli.exporting", "export", "Take a case out as a bag that anybody can check."),
    "hold": ("bluelamp.cli.retaining", "hold", "Hold posts for proceedings: what is held is not disposed of."),
    "classes": ("bluelamp.cli.classing", "classes", "How long posts are kept before somebody reviews them."),
    "dispose": ("bluelamp.cli.retaining", "dispose", "Destroy what was kept of posts, by the word of two people."),
    "stats": ("bluelamp.cli.archive.counting", "stats", "Count what is in an archive."),
    "completeness": ("bluelamp.cli.archive.completing", "completeness", "Show what was stated of each account's days."),
    "verifier": ("bluelamp.cli.archive.packing", "verifier", "Write the verifier that needs no Bluelamp."),
}


class ArchiveGroup(click.Group):
    """Knows the commands by name and imports one when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands, in the order in which they are explained."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        """Import and return the command called `cmd_name`."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - likewise
        """Write the commands' table from `COMMANDS`, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


@click.group(cls=ArchiveGroup)
def archive() -> None:
    """Pull the sealed archive, verify it, and find and prove what is in it."""
