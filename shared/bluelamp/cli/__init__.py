"""The `bluelamp` command: run the desk locally, build and deploy it, pull and check the archive.

Each command's module is imported only when that command is asked for, so that `bluelamp --help` needs neither AWS
libraries nor the embedded cloud, and a missing part spoils no other command.
"""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "up": ("bluelamp.cli.up", "up", "Run Bluelamp on this machine, until Ctrl-C."),
    "doctor": ("bluelamp.cli.doctor", "doctor", "Check that this machine can run Bluelamp."),
    "demo": ("bluelamp.cli.demo", "demo", "Send two posts through the running stack and prove the record."),
    "archive": ("bluelamp.cli.archive", "archive", "Pull the sealed archive and verify it."),
    "export": ("bluelamp.cli.exporting", "export", "Take a case out as a bag that anybody can check."),
    "build": ("bluelamp.cli.build", "command", "Lay the artefacts for AWS under .build/aws."),
    "deploy": ("bluelamp.cli.deploy", "command", "Bring the built template and the page to AWS."),
    "admin": ("bluelamp.cli.admin.people", "admin", "Make an administrator; publish the guide; enter training."),
    "permissions": ("bluelamp.cli.permissions", "command", "Show which role may do what."),
    "person": ("bluelamp.cli.admin.people", "person", "Add and list the people who use the desk."),
    "grant": ("bluelamp.cli.admin.grants", "grant", "Give somebody one account for a time, and take it back."),
    "groups": ("bluelamp.cli.admin.groups", "groups", "Say what the force's own groups give."),
    "account": ("bluelamp.cli.admin.accounts", "account", "Register and list the force's pages and profiles."),
    "rights": ("bluelamp.cli.rights", "rights", "List rights cases, and which are due."),
    "post": ("bluelamp.cli.post", "post", "Show the queue and posts, and act on one: hide, answer, ban, settle, …"),
    "approval": ("bluelamp.cli.approval", "approval", "Approve or reject what somebody else proposed for a post."),
    "hook": ("bluelamp.cli.hook", "hook", "Tell the force's own systems of what happens."),
    "incident": ("bluelamp.cli.incident", "incident", "Command a critical incident; hide many posts by one order."),
    "publication": ("bluelamp.cli.publication", "publication", "Write, approve and take down what the force says."),
    "appeal": ("bluelamp.cli.appeal", "appeal", "Make appeals to the public, judge what comes in, and end them."),
    "report": ("bluelamp.cli.reporting", "report", "Show a report of a month, or write it as CSV, JSON or PDF."),
    "who": ("bluelamp.cli.who", "command", "Show who is responsible for an account, at any minute."),
    "secret": ("bluelamp.cli.admin.secrets", "secret", "Set the secrets of platforms and accounts."),
    "recover": ("bluelamp.cli.recover", "command", "After a restore of the table: go on behind the archive."),
    "redrive": ("bluelamp.cli.admin.redrive", "redrive", "Show dead letters, and send them back."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is used."""

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


@click.group(cls=LazyGroup)
@click.version_option(package_name="bluelamp")
def main() -> None:
    """Bluelamp: every post to a police force in one place, every action sealed."""
