"""Who writes what in the table: each role's policy, evaluated for every kind of item that docs/data-model.md names.

The embedded cloud gives no `dynamodb:LeadingKeys`, so a wrong line here would be seen on AWS alone.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.contract.infra_template import ROOT, as_list, functions, granted, text

PUT, UPDATE, DELETE = "PutItem", "UpdateItem", "DeleteItem"
WRITES = (PUT, UPDATE, DELETE)

# What the code writes, by function and partition. Deletions in the outbox, and anything in the log, are the sealer's;
# people are the API's, and so are the register of accounts and the roster.
ROSTER = {"ROSTER", "ROSTER#", "LINES#"}
WRITTEN: dict[str, dict[str, set[str]]] = {
    "receive": {UPDATE: {"COUNT#"}},
    "poll": {UPDATE: {"CURSOR#", "THROTTLE#", "COVER#", "CONNECTION#"}},
    "ingest": {PUT: {"POST#", "OUTBOX#", "RAW#", "HEARD#"}},
    "keep": {PUT: {"POST#", "OUTBOX#"}},
    "moderate": {PUT: {"POST#", "OUTBOX#", "NOTICES"}},
    "api": {
        PUT: {"POST#", "PERSON#", "IDEM#", "OUTBOX#", "EXPORTS", "RETENTION", "HOLDS", "DISPOSALS", "ACCOUNTS"}
        | {"GRANTS", "GROUPS", "CHECKED#", "GUIDE", "GUIDE#", "CALLS", "CALLED#", "NOTICES", "APPROVALS"}
        | {"PUBLICATIONS", "PUBLICATIONS#", "PUBLICATION#", "ASSET#"}
        | {"APPEALS", "APPEAL#"}
        | {"CONNECTION#", "CONSENT#"}
        | {"TAGS", "HOOKS", "HOOKS#", "REPLIES", "REPLIES#"}
        | {"INCIDENTS", "INCIDENTS#", "INCIDENT#", "BULK#"}
        | {"RIGHTS", "RIGHTS#", "RIGHTSDUE", "REPORTS", "WISHES"}
        | ROSTER,
        UPDATE: {"PERSON#", "COUNT#", "EXPORTS", "HOLDS", "BULK#"},
        DELETE: {"PERSON#", "ROSTER", "CALLS", "APPROVALS", "RIGHTSDUE", "PUBLICATIONS#", "CONSENT#"},
    },
    "seal": {PUT: {"LOG#", "CHUNK#"}, UPDATE: {"LOG#", "CHUNK#"}, DELETE: {"OUTBOX#"}},
    "act": {PUT: {"POST#", "OUTBOX#", "NOTICES"}, UPDATE: {"POST#", "THROTTLE#"}},
    "incident": {PUT: {"POST#", "OUTBOX#", "INCIDENT#", "BULK#", "LINES#"}, UPDATE: {"BULK#"}},
    "publish": {
        PUT: {"OUTBOX#", "NOTICES", "PUBLICATIONS#", "PUBLICATION#", "ASSET#"},
        UPDATE: {"THROTTLE#"},
        DELETE: {"PUBLICATIONS#"},
    },
    "export": {PUT: {"OUTBOX#", "RIGHTS", "RIGHTS#"}, UPDATE: {"EXPORTS", "REPORTS"}},
    "dispose": {PUT: {"POST#", "OUTBOX#", "DISPOSALS", "DISPOSAL#"}, UPDATE: {"POST#", "HOLDS"}},
    "tick": {
        PUT: {"OUTBOX#", "CHECKED#", "NOTICES", "REMINDED", "CALLS", "CALLED#", "DIGESTS", "RIGHTSDUE"}
        | {"FIGURES", "FIGURES#", "APPEALS", "CONNECTION#"},
        UPDATE: {"COUNTS", "STATED#", "STATEMENTS", "CHECKS"},
        DELETE: {"COUNT#", "CALLS"},
    },
    "notify": {
        PUT: {"OUTBOX#", "NOTICED", "DELIVERY#", "POSTBOX#"},
        UPDATE: {"NOTICED", "DELIVERY#"},
        DELETE: {"NOTICES", "NOTICED"},
    },
    "anchor": {PUT: {"ANCHOR#", "OUTBOX#"}},
    "live": {PUT: {"LIVE#", "CONNECTIONS", "TICKET#"}, UPDATE: {"LIVE#", "COUNT#"}, DELETE: {"CONNECTIONS"}},
}


def _partitions() -> list[str]:
    """The beginnings of all partition keys, from the table of items in the data model."""
    page = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")
    items = page.split("## Items", 1)[1].split("\n## ", 1)[0]
    keys = [line.split("|")[2].strip().strip("`") for line in items.splitlines() if line.startswith("| ")][1:]
    return sorted({re.sub(r"#.*", "#", key) for key in keys})


def _holds(statement: dict[str, Any], key: str) -> bool:
    for operator, ((name, patterns),) in ((o, tuple(c.items())) for o, c in statement.get("Condition", {}).items()):
        assert (operator, name) == ("ForAnyValue:StringNotLike", "dynamodb:LeadingKeys")
        if any(fnmatchcase(key, pattern) for pattern in patterns):
            return False
    return True


def _may(verb: str, action: str, key: str) -> bool:
    """As IAM decides: a denial that applies wins, and nothing is allowed that no statement allows."""
    applying = {
        statement["Effect"]
        for statement in granted(verb)
        if f"dynamodb:{action}" in as_list(statement["Action"])
        and "Outputs.TableArn" in text(statement["Resource"])
        and _holds(statement, key)
    }
    return applying == {"Allow"}


# Who does what with the wrapped keys of content, which lie in a table of their own. Whoever keeps content writes a
# record once, with its leaves or before them; the disposer alone changes one, to take a key out; nobody deletes one.
KEY_TABLE: dict[str, set[str]] = {
    "ingest": {PUT},
    "keep": {PUT},
    "act": {PUT},
    "api": {PUT},
    "publish": {PUT},
    "incident": {PUT},
    "export": {"GetItem"},
    "dispose": {"GetItem", UPDATE},
}


def test_the_key_table_is_for_those_who_keep_content() -> None:
    found: dict[str, set[str]] = {}
    for verb in functions():
        for statement in granted(verb):
            if "KeyTableArn" in text(statement["Resource"]):
                assert statement["Effect"] == "Allow"
                actions = {action.removeprefix("dynamodb:") for action in as_list(statement["Action"])}
                found[verb] = found.get(verb, set()) | actions
    assert found == KEY_TABLE


def test_the_data_model_is_read_and_every_function_is_here() -> None:
    assert {"POST#", "ACCOUNTS", "PERSON#", "LOG#", "CHUNK#", "OUTBOX#", "CONNECTIONS", "COUNT#"} <= set(_partitions())
    assert set(WRITTEN) == set(functions())
    assert {key for kinds in WRITTEN.values() for keys in kinds.values() for key in keys} <= set(_partitions())


def test_every_partition_of_the_code_is_in_the_data_model() -> None:
    # A kind of item that somebody adds has to be written down, and is then asked for above: whose business is it?
    made = {
        key
        for path in (ROOT / "shared" / "bluelamp").rglob("*.py")
        for key in re.findall(r'(?:"pk": f"|\(f"|return f")([A-Z]+#)', path.read_text(encoding="utf-8"))
    }
    indexes = {"A#", "T#", "TEAM#", "CHECKS#"}
    assert made - indexes <= set(_partitions())
    assert {"POST#", "LIVE#", "OUTBOX#", "LOG#"} <= made


@pytest.mark.parametrize("partition", _partitions())
@pytest.mark.parametrize("verb", sorted(WRITTEN))
def test_a_function_writes_what_the_code_writes_and_nothing_else(verb: str, partition: str) -> None:
    key = partition + "x" * partition.endswith("#")
    allowed = {action for action in WRITES if _may(verb, action, key)}
    assert allowed == {action for action in WRITES if partition in WRITTEN[verb].get(action, ())}


@pytest.mark.parametrize("verb", sorted(WRITTEN))
def test_the_bounds_hold_whatever_else_is_granted(verb: str) -> None:
    # Each kind of write is bounded by a denial, so that a second policy on the role opens nothing.
    denied = {
        action.removeprefix("dynamodb:")
        for statement in granted(verb)
        if statement["Effect"] == "Deny"
        for action in as_list(statement["Action"])
    }
    assert denied == set(WRITES)


@pytest.mark.parametrize("verb", sorted(WRITTEN))
def test_no_function_reads_or_writes_in_another_way(verb: str) -> None:
    actions = {
        action.removeprefix("dynamodb:")
        for statement in granted(verb)
        for action in as_list(statement["Action"])
        if action.startswith("dynamodb:")
    }
    # No PartiQL, no batches of writes, no scans: the bounds above would not reach them.
    checks = {"ConditionCheckItem"} if verb == "incident" else set()
    assert actions <= {"GetItem", "BatchGetItem", "Query", *WRITES, *checks}
    # The indexes are the queue's, the thread's and the list of people's: pages of the API.
    indexed = any("TableArn}/index/*" in text(statement["Resource"]) for statement in granted(verb))
    assert indexed == (verb == "api")
