"""The options that `bluelamp up` and `bluelamp doctor` share, so that one can be checked with the other's."""

from pathlib import Path

import click

state_dir = click.option(
    "--state-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".bluelamp"),
    show_default=True,
    help="Where everything is kept; two stacks side by side need two folders.",
)
port = click.option("--port", type=click.IntRange(1, 65535), help="Port of the page. Left out: 4500, or a free one.")
