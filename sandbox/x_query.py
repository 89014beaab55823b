"""The little of X's search language that a reconciling poll needs."""

from sandbox.state import Doc, Node

_OPERATORS = ("conversation_id", "from", "to", "in_reply_to_tweet_id", "is", "lang")


def matches(query: str, node: Node, people: dict[str, Doc]) -> bool:
    """Say whether a post matches: clauses joined by ``OR``, each of terms that must all hold.

    Raises
    ------
    ValueError
        For an operator the sandbox does not know.
    """
    clauses = query.replace("(", " ").replace(")", " ").split(" OR ")
    return any(all(_holds(term, node, people) for term in clause.split()) for clause in clauses)


def _holds(term: str, node: Node, people: dict[str, Doc]) -> bool:
    if term.startswith("-"):
        return not _holds(term[1:], node, people)
    name, colon, value = term.partition(":")
    if not colon:
        return _says(term, node)
    if name not in _OPERATORS:
        raise ValueError(f"no operator {name!r} in the sandbox's search")
    if name in ("from", "to"):
        key = node.author if name == "from" else node.extra.get("reply_to_user", "")
        person = people.get(key, {"id": key, "handle": ""})
        return value.lstrip("@").lower() in (person["id"], person["handle"].lower())
    facts = {
        "conversation_id": node.thread == value,
        "in_reply_to_tweet_id": node.parent == value,
        "is": value == "reply" and node.parent is not None,
        "lang": value == "en",
    }
    return facts[name]


def _says(term: str, node: Node) -> bool:
    if term.startswith("@"):
        return any(m["username"].lower() == term[1:].lower() for m in node.extra["mentions"])
    return term.strip('"').lower() in node.text.lower()
