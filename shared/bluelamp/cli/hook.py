"""`bluelamp hook`: which of the force's own systems are told of what, what became of it, and sending it again.

Everything goes through the API, as the person whose token is given. On the local stack it works as the administrator.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

import click

from bluelamp.cli.through import through_the_api
from bluelamp.errors import NotFoundError
from bluelamp.notices.model import NoticeKind

if TYPE_CHECKING:
    from bluelamp.cli.fetching import Api


def one_line(one: Mapping[str, Any]) -> str:
    """Return a hook as one line."""
    status = "on" if one["active"] else "off"
    return f"{one['id']}  rev {one['rev']}  {status:<3}  {one['name']!r}  {one['url']}  {', '.join(one['kinds'])}"


def made(answer: Mapping[str, Any]) -> str:
    """Return a hook with its secret, or that the secret is not told again."""
    secret = answer["secret"]
    told = f"Its secret, shown this once: {secret}" if secret else "Its secret was shown already: rotate makes another."
    return f"{one_line(answer['hook'])}\n{told}"


def delivery_line(one: Mapping[str, Any]) -> str:
    """Return what became of a message as one line."""
    about = " ".join(f"{name}={value}" for name, value in one["about"].items())
    code = f" ({one['code']})" if one["code"] else ""
    return (
        f"{one['id']}  {one['at']}  {one['kind']}  {one['state']}{code}  {one['attempts']} attempts  {about}".rstrip()
    )


def _listed(found: Mapping[str, Any]) -> str:
    return "\n".join(map(one_line, found["hooks"])) or "There is no hook."


def _deliveries(found: Mapping[str, Any]) -> str:
    return "\n".join(map(delivery_line, found["deliveries"])) or "Nothing was sent to it yet."


@click.group()
def hook() -> None:
    """Make, change, try and list the hooks by which the force's own systems are told."""


@hook.command("list")
@through_the_api("admin", _listed)
def list_hooks(api: Api) -> dict[str, Any]:
    """List hooks, by name."""
    return api.get("/hooks")


@hook.command("make")
@click.argument("name")
@click.argument("address")
@click.option(
    "--kind", "kinds", type=click.Choice(get_args(NoticeKind)), multiple=True, required=True, help="Repeatable."
)
@through_the_api("admin", made)
def make(api: Api, *, name: str, address: str, kinds: tuple[str, ...]) -> dict[str, Any]:
    """Make the hook NAME that tells ADDRESS; its secret is shown this once."""
    return api.post("/hooks", {"name": name, "url": address, "kinds": list(kinds)})


@hook.command("change")
@click.argument("hook_id")
@click.option("--name", help="Another name.")
@click.option("--address", help="Another address.")
@click.option(
    "--kind", "kinds", type=click.Choice(get_args(NoticeKind)), multiple=True, help="These kinds; repeatable."
)
@click.option("--on/--off", "active", default=None, help="Switch it on or off.")
@click.option("--rev", type=click.IntRange(1), help="The revision that you saw; else the present one.")
@through_the_api("admin", one_line)
def change(
    api: Api, *, hook_id: str, address: str | None, kinds: tuple[str, ...], rev: int | None, **given: Any
) -> dict[str, Any]:
    """Change HOOK_ID; what is not named stays as it is."""
    named = {"url": address, "kinds": list(kinds) or None, **given}
    new = {name: value for name, value in named.items() if value is not None}
    if not new:
        raise click.UsageError("say what is to change: --name, --address, --kind, --on or --off")
    old = _hook(api, hook_id)
    kept = {name: old[name] for name in ("name", "url", "kinds", "active")}
    return api.put(f"/hooks/{hook_id}", kept | new | {"rev": rev or old["rev"]})


@hook.command("rotate")
@click.argument("hook_id")
@click.option("--rev", type=click.IntRange(1), help="The revision that you saw; else the present one.")
@through_the_api("admin", made)
def rotate(api: Api, *, hook_id: str, rev: int | None) -> dict[str, Any]:
    """Make a new secret for HOOK_ID; for a day messages are signed with the old one too."""
    return api.post(f"/hooks/{hook_id}/rotate", {"rev": rev or _hook(api, hook_id)["rev"]})


@hook.command("test")
@click.argument("hook_id")
@through_the_api("admin", lambda one: f"{one_line(one)}\nA test is on its way; `deliveries` says what becomes of it.")
def try_out(api: Api, *, hook_id: str) -> dict[str, Any]:
    """Send a test message to HOOK_ID."""
    return api.post(f"/hooks/{hook_id}/test", {})


@hook.command("deliveries")
@click.argument("hook_id")
@through_the_api("admin", _deliveries)
def deliveries(api: Api, *, hook_id: str) -> dict[str, Any]:
    """List what became of the newest messages to HOOK_ID."""
    return api.get(f"/hooks/{hook_id}/deliveries")


@hook.command("redrive")
@click.argument("hook_id")
@through_the_api("admin", lambda answer: f"Sent again: {answer['count']}")
def redrive(api: Api, *, hook_id: str) -> dict[str, Any]:
    """Send again to HOOK_ID what failed, each message under its first id."""
    return api.post(f"/hooks/{hook_id}/redrive", {})


def _hook(api: Api, hook_id: str) -> dict[str, Any]:
    """Return a hook as it is now; the API lists them all, there are twenty at the most."""
    for one in api.get("/hooks")["hooks"]:
        if one["id"] == hook_id:
            found: dict[str, Any] = one
            return found
    raise NotFoundError(f"There is no hook {hook_id}; `bluelamp hook list` shows those that there are.")
