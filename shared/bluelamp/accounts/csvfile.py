"""The register as a CSV file: its columns, what a line of it says, and an account as a line; bytes in, text out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from bluelamp.accounts.model import (
    POLICY_ACTS,
    Account,
    AccountKind,
    AccountStatus,
    Approver,
    Handle,
    Name,
    NativeId,
    PolicyRole,
    Team,
)
from bluelamp.ids import account_id
from bluelamp.tabular.lines import Lines, lines_of
from bluelamp.tabular.reading import Row, Wrong, read
from bluelamp.tabular.writing import write

REQUIRED = ("platform", "native_id", "name", "kind", "team")
MAY = {act: f"may_{act}" for act in POLICY_ACTS}
APPROVE = {act: f"approve_{act}" for act in POLICY_ACTS}
COLUMNS = (
    "id", *REQUIRED, "handle", "lead", "deputy", "status", *MAY.values(), *APPROVE.values(), "rev",
)  # fmt: skip
_PEOPLE = ("lead", "deputy")


def _one_of(values: Iterable[str]) -> str:
    return f"is none of {', '.join(values)}: put one of them"


# Column: what it must be, and what to do when it is not.
_PLAIN: Mapping[str, tuple[TypeAdapter[Any], str]] = {
    "name": (TypeAdapter(Name), "is empty or longer than 100 characters: put the name of the page"),
    "handle": (TypeAdapter(Handle), "is no handle: what stands in its address, without @, / or spaces"),
    "kind": (TypeAdapter(AccountKind), _one_of(get_args(AccountKind))),
    "team": (TypeAdapter(Team), "is no team: lower-case letters, digits and hyphens, 40 at most"),
    "status": (TypeAdapter(AccountStatus), _one_of(get_args(AccountStatus))),
    **{column: (TypeAdapter(Approver), _one_of(get_args(Approver)) + ", or nothing") for column in APPROVE.values()},
}
_NATIVE_ID: TypeAdapter[str] = TypeAdapter(NativeId)


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says: `values` by field for the columns that the file has; lead and deputy as they were typed."""

    line: int
    id: str
    platform: str
    native_id: str
    values: Mapping[str, Any]
    rev: int | None = None


def parse(raw: bytes, platforms: Collection[str]) -> Lines[Line]:
    """Return what the lines of a file say.

    Raises
    ------
    TooLargeError, TableError
        As `bluelamp.tabular.reading.read`: when the file as a whole cannot be taken.
    """
    sheet = read(raw, columns=COLUMNS, required=REQUIRED)
    return lines_of(
        sheet,
        lambda row, wrong: _line(row, platforms, wrong),
        key=lambda line: line.id if line.native_id else "",
        column="native_id",
        what="account",
    )


def _line(row: Row, platforms: Collection[str], bad: Wrong) -> Line:
    cells = row.cells
    platform, native_id = cells["platform"].lower(), cells["native_id"]
    if platform not in platforms:
        bad("platform", _one_of(sorted(platforms)))
    if not _fits(_NATIVE_ID, native_id):
        bad(
            "native_id",
            "is no number of a page: digits alone, not its handle, and not rounded (1E+15)",
        )
        native_id = ""
    own = account_id(platform, native_id)
    if cells.get("id") and cells["id"] != own:
        bad("id", f"does not belong to platform and native_id, which say {own}: empty it")
    rev = cells.get("rev", "")
    if rev and not (rev.isascii() and rev.isdigit() and len(rev) < 10):  # noqa: PLR2004 - a revision has few digits
        bad("rev", "is no revision: leave it as it was exported, or empty it")
        rev = ""
    values = _values(cells, bad)
    return Line(row.line, own, platform, native_id, values, int(rev) if rev else None)


def _values(cells: Mapping[str, str], bad: Wrong) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column, (adapter, problem) in _PLAIN.items():
        cell = cells.get(column)
        if cell is None or (column == "status" and not cell):
            continue  # a column that is not there, or an empty status, changes nothing
        if not cell and column not in REQUIRED:
            values[column] = None
        elif _fits(adapter, cell):
            values[column] = adapter.validate_python(cell)
        else:
            bad(column, problem)
    values |= {column: cells[column] or None for column in _PEOPLE if column in cells}
    if values.get("lead") and str(values["lead"]).casefold() == str(values.get("deputy")).casefold():
        bad("deputy", "is the lead too: put somebody else, or nobody")
    for column in MAY.values() & cells.keys():
        roles = cells[column].lower().split()
        values[column] = tuple(role for role in get_args(PolicyRole) if role in roles)
        if not set(roles) <= set(get_args(PolicyRole)):
            bad(column, f"holds another role than {', '.join(get_args(PolicyRole))}: part them by spaces")
    return values


def _fits(adapter: TypeAdapter[Any], cell: str) -> bool:
    try:
        adapter.validate_python(cell)
    except ValidationError:
        return False
    return True


def export(accounts: Iterable[Account], addresses: Mapping[str, str]) -> str:
    """Return the file of these accounts.

    Parameters
    ----------
    addresses
        E-mail address by person id; who is not among them stands there by id.
    """
    return write(COLUMNS, (_cells(account, addresses) for account in accounts))


def _cells(account: Account, addresses: Mapping[str, str]) -> dict[str, str]:
    policy = account.policy
    cells = {name: str(getattr(account, name) or "") for name in (*REQUIRED, "id", "handle", "status", "rev")}
    for column in _PEOPLE:
        officer = getattr(account, column)
        cells[column] = addresses.get(officer.id, officer.id) if officer else ""
    cells |= {MAY[act]: " ".join(policy.may(act)) for act in POLICY_ACTS}
    return cells | {APPROVE[act]: policy.approver(act) or "" for act in POLICY_ACTS}
