"""A whole force on the stand-ins: a page or user for each account, with something of its own that people can answer."""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import requests

from sandbox import phrases
from sandbox.client import ControlClient, ControlError, Doc
from sandbox.dice import Dice


def load(client: ControlClient, accounts: Iterable[Mapping[str, str]], *, posts: int = 2) -> list[Doc]:
    """Create the accounts that are missing, and first posts for those that have none.

    Parameters
    ----------
    accounts
        ``{"id", "platform", "name", "handle", "token"}`` each; ``id`` native or with the platform before it.
    posts
        How many first posts each gets; they are pushed as any other.

    Returns
    -------
    list
        The accounts as the sandbox keeps them, in the order given.
    """
    made = []
    for account in accounts:
        platform = account["platform"]
        key = account["id"].removeprefix(f"{platform}-")
        kept = client.post(
            "/accounts",
            platform=platform,
            id=key,
            name=account["name"],
            handle=account["handle"],
            token=account["token"],
        )
        made.append(kept)
        if not client.get(f"/objects/{platform}", account=key, author=key, limit=1)["objects"]:
            for text in _first_posts(key, posts):
                if platform == "facebook":
                    client.post("/facebook/posts", page=key, text=text)
                else:
                    client.post("/x/posts", author=key, text=text)
    return made


def _first_posts(key: str, number: int) -> list[str]:
    dice = Dice(f"force:{key}")
    texts = []
    for _ in range(number):
        gaps = {"road": phrases.ROADS, "town": phrases.TOWNS, "street": phrases.STREETS}
        filled = {name: dice.choice(choices) for name, choices in gaps.items()}
        texts.append(dice.choice(phrases.OWN_POSTS).format(**filled, crime=f"47/{dice.between(10_000, 99_999)}/26"))
    return texts


def main(arguments: list[str] | None = None) -> int:
    """Run from the shell; return 0, or 2 when the list or the sandbox is not there."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.force", description=__doc__)
    parser.add_argument("--control", required=True, metavar="URL", help="of the sandbox's control API")
    parser.add_argument("--accounts", required=True, type=Path, metavar="FILE", help="JSON list of accounts")
    options = parser.parse_args(arguments)
    try:
        made = load(ControlClient(options.control), json.loads(options.accounts.read_text()))
    except (OSError, ValueError, KeyError, requests.RequestException, ControlError) as error:
        sys.stderr.write(f"force not loaded: {error}\n")
        return 2
    sys.stdout.write(f"{len(made)} accounts\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
