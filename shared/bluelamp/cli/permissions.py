"""`bluelamp permissions`: who may do what, from the table that every request is decided by. Asks nobody, offline.

docs/permissions.md is what ``--markdown`` prints; a contract test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

from bluelamp.people.matrix import CONDITIONS, MATRIX, READING, ROLES, RULED_OUT, VERBS, rows

_HEAD = """\
# Who may do what

Printed by `bluelamp permissions --markdown` from the table that decides every request (`people/matrix.py`). What does
not stand here is refused, with a sentence for the person and a code in the log.

"""
_CODES = """
## Codes

What a refusal has in the log (`denied`, `reason.code`) where a permission is what was missing:

| code | what |
|---|---|
| `out_of_scope` | the account belongs to another team; the person is answered as though it did not exist |
| `role` | the role does not have the verb |
| `account_policy` | deleting or answering, which this account's policy does not give to the role |
| `not_approver` | the account's policy asks for the word of somebody else |
| `no_approver` | the account has nobody but the proposer who could approve it |
| `not_proposer` | only who proposed something withdraws it |
| `reading_only` | the account was given to be read for a time, and for nothing else |
| `lent` | nobody gives on what he was given for a time, nor approves that it is disposed of |
| `account_suspended`, `account_archived` | the account's status rules it out |
| `account_status` | a status that we do not know: nothing is done there |
| `same_person` | who proposed something does not decide it |
| `oneself` | nobody gives access to, or suspends, himself |
"""


def _coded(verbs: Iterable[str]) -> str:
    return ", ".join(f"`{verb}`" for verb in VERBS if verb in frozenset(verbs))


def markdown() -> str:
    """Return the table as docs/permissions.md has it."""
    lines = [f"| verb | {' | '.join(ROLES)} |", f"|---|{'---|' * len(ROLES)}"]
    for verb in VERBS:
        cells = " | ".join(MATRIX[role].get(verb, "") for role in ROLES)
        lines.append(f"| `{verb}` | {cells} |")
    conditions = [f"`{name}`: {what}." for name, what in CONDITIONS.items()]
    ruled = [f"- On an account that is {status} nobody has: {_coded(out)}." for status, out in RULED_OUT.items() if out]
    given = (
        "- Access for a time (`desk`) gives what the role has as `own` on that account; to read (`reading`), whatever\n"
        f"  the role: {_coded(READING)}. It ends by itself."
    )
    parts = [*lines, "", " ".join(conditions), "", *ruled, given]
    return _HEAD + "\n".join(parts) + "\n" + _CODES


@click.command()
@click.option("--role", type=click.Choice(ROLES), help="Of one role alone.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print docs/permissions.md.")
def command(*, role: str | None, as_json: bool, as_markdown: bool) -> None:
    """Show which role may do what, and on which accounts."""
    if as_markdown:
        click.echo(markdown(), nl=False)
        return
    given = [row for row in rows() if role in {None, row.role}]
    if as_json:
        found = {
            "permissions": [{"role": r.role, "verb": r.verb, "when": r.when} for r in given],
            "conditions": CONDITIONS,
            "ruled_out": {status: sorted(verbs) for status, verbs in RULED_OUT.items()},
            "reading": sorted(READING),
        }
        click.echo(json.dumps(found, indent=2))
        return
    if role:
        for row in given:
            click.echo(f"{row.verb:18}{CONDITIONS[row.when]}")
        return
    click.echo(f"{'':18}" + "".join(f"{name:12}" for name in ROLES).rstrip())
    for verb in VERBS:
        cells = (MATRIX[name].get(verb, "-") for name in ROLES)
        click.echo(f"{verb:18}" + "".join(f"{cell:12}" for cell in cells).rstrip())
    click.echo()
    for name, what in CONDITIONS.items():
        click.echo(f"{name:18}{what}")
