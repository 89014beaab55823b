"""Posts, actions and what waits for approval, as lines of a terminal.

What the public wrote, names among it, is printed with everything escaped that is no plain character: nobody's words
move a cursor or hide what stands beside them. `--json` escapes by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EXCERPT = 60


def escaped(text: str | None) -> str:
    """Return what somebody wrote, in quotes and harmless to a terminal."""
    return repr(text or "")


def author_of(post: Mapping[str, Any]) -> str:
    """Return who wrote a post, as far as the platform says."""
    author = post["author"]
    return escaped(author["name"] or author["handle"]) if author["name"] or author["handle"] else "unknown"


def post_line(post: Mapping[str, Any]) -> str:
    """Return a post as one line of a list."""
    case = post["case"]
    decision = f" ({case['decision']})" if case["decision"] else ""
    claimed = f"  claimed by {case['claimed_by']['name']}" if case["claimed_by"] else ""
    return (
        f"{post['id']}  rev {post['rev']}  {post['account']}  {post['state']}  {case['state']}{decision}"
        f"  risk {case['risk']}{claimed}  {escaped(post['text'][:EXCERPT])}"
    )


def action_line(action: Mapping[str, Any]) -> str:
    """Return an action as one line: how far it has come, and why no further."""
    said = [f"{action['id']}  {action['verb']} {action['state']}  by {action['by']['name']}, {action['at']}"]
    if action["reason"]:
        said.append(_reason(action["reason"]))
    if action["reference"]:
        said.append(f"the platform's number {escaped(action['reference'])}")
    if action["decided_by"]:
        said.append(f"decided by {action['decided_by']['name']}")
    if action["settled_by"]:
        said.append(f"settled by {action['settled_by']['name']}")
    if action["state"] == "pending" and action["undo_until"]:
        said.append(f"can be taken back until {action['undo_until']}")
    if action["why"] or action["error"]:
        said.append(action["why"] or action["error"])
    return "; ".join(said)


def result(answer: Mapping[str, Any]) -> str:
    """Return what became of a post, and of what was asked for."""
    lines = [post_line(answer["post"])]
    if answer["action"]:
        lines.append(f"  {action_line(answer['action'])}")
    if waits := answer["post"]["proposed"]:
        lines.append(f"  '{waits['verb']}' waits for the word of a second person until {waits['until']}")
    return "\n".join(lines)


def opened(view: Mapping[str, Any]) -> str:
    """Return a post with its thread, actions and notes, and what this person can do to it."""
    post = view["post"]
    lines = [post_line(post), f"  {author_of(post)}, {post['event_at']}: {escaped(post['text'])}"]
    lines += [f"  with it: {one['kind']}" for one in post["media"]]
    if post["permalink"]:
        lines.append(f"  {escaped(post['permalink'])}")
    lines += [f"  found: {one['code']} ({one['label']})" for one in post["case"]["reasons"]]
    lines.append(f"  you can: {', '.join(post['can']) or 'nothing'}")
    for title, items in (
        (
            "Thread",
            [f"{one['id']}  {one['direction']}  {author_of(one)}: {escaped(one['text'])}" for one in view["thread"]],
        ),
        ("Actions", [action_line(one) for one in view["actions"]]),
        ("Notes", [f"{one['at']}  {one['by']['name']}: {escaped(one['text'])}" for one in view["notes"]]),
    ):
        if items:
            lines += [title, *(f"  {item}" for item in items)]
    return "\n".join(lines)


def queue(page: Mapping[str, Any]) -> str:
    """Return posts of the queue, one a line, and whether there are more."""
    lines = [post_line(post) for post in page["posts"]] or ["There is nothing."]
    if page.get("next"):
        lines.append("There are more; --all brings every one.")
    return "\n".join(lines)


def under_way(found: Mapping[str, Any]) -> str:
    """Return what is under way and not as it should be, with what this person may do about it."""
    lines = [
        f"{one['trouble']}  {one['post']['id']}  rev {one['post']['rev']}  {action_line(one['action'])}"
        f"; you can: {', '.join(one['can']) or 'nothing'}"
        for one in found["actions"]
    ]
    return "\n".join(lines) or "Everything is as it should be."


def approvals(found: Mapping[str, Any]) -> str:
    """Return what waits for a second person."""
    return "\n".join(map(_approval, found["approvals"])) or "Nothing waits."


def _approval(one: Mapping[str, Any]) -> str:
    said = [f"{one['post']['id']}  {one['id']}  rev {one['post']['rev']}  {one['verb']}  by {one['by']['name']}"]
    said.append(f"waits for {'somebody of ' if one['own'] else ''}{one['approver']} until {one['until']}")
    if one["reason"]:
        said.append(_reason(one["reason"]))
    if one["own"]:
        said.append("your own")
    if one["changed"]:
        said.append("the post has other words by now")
    if one["stranded"]:
        said.append("nobody is left who could approve it")
    lines = ["; ".join(said), f"  post: {escaped(one['post']['text'])}"]
    return "\n".join([*lines, f"  proposed: {escaped(one['text'])}"] if one["text"] else lines)


def _reason(reason: Mapping[str, Any]) -> str:
    return f"{reason['code']} ({reason['ref']})" if reason["ref"] else str(reason["code"])
