"""`bluelamp post`: the queue, one post, and what is done to it: hidden, answered, banned, taken back, settled.

Everything goes through the API, as the person whose token is given. On the local stack it acts as the communications
officer, or as whoever `--as` names. What is decided is decided at the revision that the post has when the command reads
it (that reading is on the record), or at the one that `--rev` names: then nothing is done to a post that changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click
import requests

from bluelamp.cli import post_words as words
from bluelamp.cli.attaching import attach
from bluelamp.cli.desk import DeskError
from bluelamp.cli.through import pages, through_the_api
from bluelamp.posts.model import Desk, ReasonCode, Risk

if TYPE_CHECKING:
    from bluelamp.cli.fetching import Api

Command = Callable[..., Any]
MOST_UNDO_SECONDS = 10
PAGE = 100


def revision_of(api: Api, post_id: str) -> int:
    """Open a post, and return its revision."""
    rev: int = api.get(f"/posts/{post_id}")["post"]["rev"]
    return rev


def at_revision(command: Command) -> Command:
    """Give a command the post's id and ``--rev``."""
    command = click.option("--rev", type=click.IntRange(1), help="The revision that you saw; else the present one.")(
        command
    )
    return click.argument("post_id")(command)


def because(command: Command) -> Command:
    """Give a command ``--reason`` and ``--ref``."""
    command = click.option("--ref", help="A reference into the force's own policy, or a number of its own.")(command)
    codes = click.Choice(get_args(ReasonCode))
    return click.option("--reason", type=codes, required=True, help="Why.")(command)


def undoable(command: Command) -> Command:
    """Give a command ``--undo-seconds``."""
    return click.option(
        "--undo-seconds",
        type=click.IntRange(0, MOST_UNDO_SECONDS),
        default=0,
        show_default=True,
        help="How long it is held back, so that `cancel` can take it back.",
    )(command)


def act(api: Api, post_id: str, step: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for something to be done to a post.

    Parameters
    ----------
    step
        The end of the route's address.
    given
        The fields of its body; ``rev`` is read when it is None, ``reason`` and ``ref`` become one, and what is None
        is left out.

    Raises
    ------
    DeskError
        When the API refuses; it says what is possible instead, where anything is. When its answer is lost, too: then
        it may have been taken, and the text says how to ask again without asking twice.
    """
    body = {name: value for name, value in given.items() if value is not None}
    ref = body.pop("ref", None)
    if "reason" in body:
        body["reason"] = {"code": body["reason"]} | ({"ref": ref} if ref else {})
    if "rev" not in body:
        body["rev"] = revision_of(api, post_id)
    try:
        return api.post(f"/posts/{post_id}/{step}", body)
    except requests.RequestException as error:
        # A command that is run again has another key. What keeps it from asking twice is the revision: it is gone once
        # the first request was taken.
        raise DeskError(
            f"no answer came ({type(error).__name__}), and it may have been taken: look with `bluelamp post show "
            f"{post_id}`. Asked again with --rev {body['rev']}, it is refused when it was"
        ) from error


@click.group()
def post() -> None:
    """Show the queue and posts, and act on one of them."""


# reading -------------------------------------------------------------------------------------------------------------


@post.command("queue")
@click.option("--view", type=click.Choice(["open", "done"]), default="open", show_default=True, help="Which part.")
@click.option("--account", help="This account alone.")
@click.option("--min-risk", type=click.Choice(get_args(Risk)), help="Of this risk and above.")
@click.option("--limit", type=click.IntRange(1, PAGE), default=50, show_default=True, help="How many.")
@click.option("--all", "everything", is_flag=True, help="Every page, however many there are.")
@through_the_api("comms", words.queue)
def queue(api: Api, *, limit: int, everything: bool, **which: Any) -> dict[str, Any]:
    """List posts that need a decision, worst first, or those that had theirs, latest first."""
    if everything:
        return pages(api, "/queue", "posts", **which, limit=PAGE)
    return api.get("/queue", **{name: value for name, value in which.items() if value is not None}, limit=limit)


@post.command("show")
@click.argument("post_id")
@through_the_api("comms", words.opened)
def show(api: Api, *, post_id: str) -> dict[str, Any]:
    """Show POST_ID with its thread, actions and notes, and what you can do to it."""
    return api.get(f"/posts/{post_id}")


@post.command("under-way")
@through_the_api("comms", words.under_way)
def under_way(api: Api) -> dict[str, Any]:
    """List actions that are stuck, put off, unknown, or failed within a day."""
    return api.get("/actions")


# what the platform does ----------------------------------------------------------------------------------------------


@post.command("hide")
@at_revision
@because
@undoable
@through_the_api("comms", words.result)
def hide(api: Api, *, post_id: str, **given: Any) -> dict[str, Any]:
    """Hide POST_ID from the public."""
    return act(api, post_id, "hide", given)


@post.command("unhide")
@at_revision
@through_the_api("comms", words.result)
def unhide(api: Api, *, post_id: str, **given: Any) -> dict[str, Any]:
    """Show POST_ID again, or take its hiding back."""
    return act(api, post_id, "unhide", given)


@post.command("delete")
@at_revision
@because
@undoable
@through_the_api("comms", words.result)
def delete(api: Api, *, post_id: str, **given: Any) -> dict[str, Any]:
    """Delete POST_ID from its platform; what it was stays sealed here."""
    return act(api, post_id, "delete", given)


def pictured(command: Command) -> Command:
    """Give a command ``--picture`` and ``--alt``."""
    command = click.option("--alt", help="What is to be seen, for those who do not see it; a picture needs it.")(
        command
    )
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    return click.option(
        "--picture", type=file, help="A picture that goes with the words, where the platform takes one."
    )(command)


def _sent_in(api: Api, picture: Path | None, alt: str | None) -> dict[str, str] | None:
    """Send the picture in, and return how an answer names it."""
    if (picture is None) != (alt is None):
        raise click.UsageError("--picture and --alt belong together")
    if picture is None or alt is None:
        return None
    asset = attach(api, picture, told=lambda done, size: click.echo(f"{100 * done // size} % sent", err=True))
    return {"id": asset["id"], "alt": alt}


@post.command("reply")
@at_revision
@click.option("--text", help="The words; with --saved, the saved words as you changed them.")
@click.option("--saved", help="The saved reply that it is made from, by its id; with --version.")
@click.option("--version", type=click.IntRange(1), help="The version of the saved reply that you saw.")
@pictured
@undoable
@through_the_api("comms", words.result)
def reply(
    api: Api, *, post_id: str, text: str | None, saved: str | None, version: int | None, **given: Any
) -> dict[str, Any]:
    """Answer POST_ID in the account's name, in words of your own or from a saved reply."""
    if (saved is None) != (version is None):
        raise click.UsageError("--saved and --version belong together")
    if text is None and saved is None:
        raise click.UsageError("say the answer with --text, or name a saved reply with --saved and --version")
    use = None if saved is None else {"id": saved, "version": version}
    given["picture"] = _sent_in(api, given["picture"], given.pop("alt"))
    return act(api, post_id, "reply", {**given, "text": text, "saved": use})


@post.command("message")
@at_revision
@click.option("--text", required=True, help="The words.")
@pictured
@undoable
@through_the_api("comms", words.result)
def message(api: Api, *, post_id: str, **given: Any) -> dict[str, Any]:
    """Write to the author of POST_ID in private, in the account's name."""
    given["picture"] = _sent_in(api, given["picture"], given.pop("alt"))
    return act(api, post_id, "message", given)


@post.command("ban")
@at_revision
@because
@undoable
@through_the_api("comms", words.result)
def ban(api: Api, *, post_id: str, **given: Any) -> dict[str, Any]:
    """Ban the author of POST_ID from the account; what they wrote stays where it is."""
    return act(api, post_id, "ban", given)


@post.command("unban")
@at_revision
@because
@through_the_api("comms", words.result)
def unban(api: Api, *, post_id: str, **given: Any) -> dict[str, Any]:
    """Let the author of POST_ID in again."""
    return act(api, post_id, "unban", given)


@post.command("like")
@at_revision
@through_the_api("comms", words.result)
def like(api: Api, *, post_id: str, **given: Any) -> dict[str, Any]:
    """Like POST_ID in the account's name."""
    return act(api, post_id, "like", given)


# what stays with the force -------------------------------------------------------------------------------------------


@post.command("dismiss")
@at_revision
@because
@through_the_api("comms", words.result)
def dismiss(api: Api, *, post_id: str, **given: Any) -> dict[str, Any]:
    """Close POST_ID, which needs nothing done."""
    return act(api, post_id, "dismiss", given)


@post.command("flag")
@at_revision
@click.option("--to", type=click.Choice(get_args(Desk)), required=True, help="Whose attention is wanted.")
@because
@through_the_api("comms", words.result)
def flag(api: Api, *, post_id: str, **given: Any) -> dict[str, Any]:
    """Bring POST_ID to the attention of another desk."""
    return act(api, post_id, "flag", given)


@post.command("note")
@click.argument("post_id")
@click.argument("text")
@click.option("--mention", "mentions", multiple=True, help="Somebody whose attention it asks for, by id; repeatable.")
@through_the_api("comms", words.result)
def note(api: Api, *, post_id: str, text: str, mentions: tuple[str, ...]) -> dict[str, Any]:
    """Leave the note TEXT on POST_ID for colleagues."""
    return api.post(f"/posts/{post_id}/note", {"text": text, "mentions": list(mentions)})


@post.command("report")
@at_revision
@click.option("--reference", required=True, help="The number that the platform gave for it.")
@because
@through_the_api("comms", words.result)
def report(api: Api, *, post_id: str, **given: Any) -> dict[str, Any]:
    """Record that you reported POST_ID on the platform's own form; nothing is sent."""
    return act(api, post_id, "report", given)


# afterwards ----------------------------------------------------------------------------------------------------------


@post.command("cancel")
@click.argument("post_id")
@click.argument("action_id")
@through_the_api("comms", words.result)
def cancel(api: Api, *, post_id: str, action_id: str) -> dict[str, Any]:
    """Take back ACTION_ID of POST_ID, which is not sent yet."""
    return api.post(f"/posts/{post_id}/actions/{action_id}/cancel", {})


@post.command("settle")
@at_revision
@click.argument("action_id")
@click.option(
    "--happened/--did-not-happen", "happened", default=None, help="What you saw there; one of them is needed."
)
@through_the_api("comms", words.result)
def settle(api: Api, *, post_id: str, action_id: str, **given: Any) -> dict[str, Any]:
    """Say what came of ACTION_ID of POST_ID, having looked at the platform."""
    if given["happened"] is None:
        raise click.UsageError("say what you saw there: --happened or --did-not-happen")
    return act(api, post_id, f"actions/{action_id}/settle", given)
