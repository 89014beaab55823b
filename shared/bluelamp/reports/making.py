"""Makes a report of what was counted: pure, so that each figure can be followed from hand-written days."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from bluelamp.reports import rules
from bluelamp.reports.definitions import WAITS
from bluelamp.reports.model import Assumptions, Cell, Checked, Column, DayFigures, Figure, Name, Overturn, ReportTable
from bluelamp.times import parse_iso

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.people.model import Person

# What a contact asks of AWS from the webhook to the seal, ten a webhook: benchmarks/bench_path.py counts it, and a test
# compares.
WRITE_UNITS_A_CONTACT: Final = 13.8
CALLS_A_CONTACT: Final = 1.0
_MILLION = 1_000_000
_RISKS = ("critical", "high", "medium", "low", "none")
_DECISIONS = ("hidden", "deleted", "replied", "dismissed")


@dataclass(frozen=True)
class Material:
    """What a report is made of; each needs some of it.

    `accounts` are those within reach, `figures` their days, `people` those within reach, `days` those of the month that
    can be counted. `idle` days make inactive, `over` hours unanswered.
    """

    days: Sequence[date]
    now: datetime
    accounts: Mapping[str, Account] = field(default_factory=dict)
    figures: Sequence[DayFigures] = ()
    people: Sequence[Person] = ()
    checks: Mapping[str, Checked] = field(default_factory=dict)
    assumed: Assumptions = field(default_factory=Assumptions)
    idle: int = 30
    over: int = 24


class Made(NamedTuple):
    """The figures, tables and notes of a report."""

    figures: tuple[Figure, ...]
    tables: tuple[ReportTable, ...]
    notes: tuple[str, ...] = ()


def table(
    caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, words: int = 1, chart: int | None = None
) -> ReportTable:
    """Return a table whose first columns, so many as `words`, are words and the others numbers."""
    heads = tuple(Column(name=name, number=at >= words) for at, name in enumerate(columns))
    return ReportTable(caption=caption, columns=heads, rows=tuple(tuple(row) for row in rows), chart=chart)


def percent(part: int, whole: int) -> float | None:
    """Return a share in per cent, to one place; None of nothing."""
    return round(100 * part / whole, 1) if whole else None


# who and what is active ----------------------------------------------------------------------------------------------


def _logins(m: Material) -> Made:
    active = [one for one in m.people if one.active]
    since = m.now - timedelta(days=m.idle)
    idle = {one.id for one in active if one.last_login_at is None or one.last_login_at < since}
    ordered = sorted(active, key=lambda one: (one.last_login_at is not None, one.last_login_at or m.now, one.name))
    rows = [
        (one.name, one.role, ", ".join(one.teams), _shown(one.last_login_at), "yes" if one.id in idle else "no")
        for one in ordered
    ]
    never = sum(one.last_login_at is None for one in active)
    return Made(
        (
            Figure(name="Active people", value=len(active)),
            Figure(name=f"Inactive for {m.idle} days", value=len(idle)),
            Figure(name="Never signed in", value=never),
        ),
        (table("People by last login", ("Name", "Role", "Teams", "Last login", "Inactive"), rows, words=5),),
    )


def _inactive_accounts(m: Material) -> Made:
    newest: dict[str, DayFigures] = {}
    for one in m.figures:
        if one.account not in newest or one.day > newest[one.account].day:
            newest[one.account] = one
    end = rules.ends(m.days[-1]) if m.days else m.now
    since = end - timedelta(days=m.idle)
    rows: list[tuple[Cell, ...]] = []
    wanted = [account for account in m.accounts.values() if account.status != "archived"]
    for account in sorted(wanted, key=lambda a: a.name):
        last = newest.get(account.id)
        times = (last.last_in, last.last_out, last.last_answer) if last else (None, None, None)
        if all(at is None or parse_iso(at) < since for at in times):
            rows.append((account.name, account.platform, account.team, *(at[:10] if at else "never" for at in times)))
    heads = ("Account", "Platform", "Team", "Last contact", "Last published", "Last answered")
    return Made(
        (
            Figure(name="Accounts", value=len(wanted)),
            Figure(name=f"Inactive for {m.idle} days", value=len(rows)),
        ),
        (table("Inactive accounts", heads, rows, words=6),),
    )


def _missed_checks(m: Material) -> Made:
    known = [(account, m.checks.get(account.id, Checked())) for account in m.accounts.values()]
    rows = [
        (account.name, one.checked, len(one.missed), ", ".join(str(day) for day in one.missed))
        for account, one in sorted(known, key=lambda pair: (-len(pair[1].missed), pair[0].name))
        if one.checked or one.missed
    ]
    missed, checked = (sum(len(one.missed) for _, one in known), sum(one.checked for _, one in known))
    heads = ("Account", "Checked", "Missed", "Days missed")
    made = table("Daily checks by account", heads, rows, chart=2)
    words = tuple(Column(name=c.name, number=c.number and c.name != "Days missed") for c in made.columns)
    return Made(
        (
            Figure(name="Missed", value=missed),
            Figure(name="Checked", value=checked),
            Figure(name="Checked of those wanted", value=percent(checked, checked + missed), unit="%"),
        ),
        (made.model_copy(update={"columns": words}),),
    )


# contacts ------------------------------------------------------------------------------------------------------------


def _response_time(m: Material) -> Made:
    groups: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in ("account", "hour", "kind")}
    every: list[int] = []
    for one in m.figures:
        for key, seconds in one.answers.items():
            kind, hour = key.split("|")
            every += seconds
            for name, value in (("account", _name(m, one.account)), ("hour", f"{hour}:00"), ("kind", kind)):
                groups[name][value] += seconds
    tables = tuple(
        table(f"Response time by {words}", (words.capitalize(), "Answers", "Median (s)", "90th percentile (s)"),
              [(value, len(s), *_percentiles(s)) for value, s in sorted(groups[name].items())], chart=2)
        for name, words in (("account", "account"), ("hour", "hour of day"), ("kind", "kind"))
    )  # fmt: skip
    median, ninety = _percentiles(every)
    return Made(
        (
            Figure(name="First answers", value=len(every)),
            Figure(name="Median", value=median, unit="s"),
            Figure(name="90th percentile", value=ninety, unit="s"),
        ),
        tables,
    )


def _percentiles(seconds: Sequence[int]) -> tuple[int | None, int | None]:
    return rules.percentile(seconds, 50), rules.percentile(seconds, 90)


def _volume(m: Material) -> Made:
    by: dict[str, Counter[str]] = {name: Counter() for name in ("day", "account", "platform", "kind", "risk")}
    published: Counter[str] = Counter()
    for one in m.figures:
        published[_name(m, one.account)] += one.published
        for key, n in one.arrived.items():
            kind, risk, _ = key.split("|")
            values = (str(one.day), _name(m, one.account), one.account.partition("-")[0], kind, risk)
            for name, value in zip(by, values, strict=True):
                by[name][value] += n
    order = {risk: at for at, risk in enumerate(_RISKS)}
    accounts = [
        (name, by["account"][name], published[name]) for name in sorted(published.keys() | by["account"].keys())
    ]
    tables = [table("Contacts by day", ("Day", "Contacts"), [(str(d), by["day"][str(d)]) for d in m.days], chart=1)]
    tables.append(table("Contacts by account", ("Account", "Contacts", "Published"), accounts, chart=1))
    for name in ("platform", "kind", "risk"):
        rows = sorted(by[name].items(), key=lambda pair: (order.get(pair[0], 0), pair[0]))
        tables.append(table(f"Contacts by {name}", (name.capitalize(), "Contacts"), rows, chart=1))
    return Made(
        (Figure(name="Contacts", value=by["kind"].total()), Figure(name="Published", value=published.total())),
        tuple(tables),
    )


def _unanswered(m: Material) -> Made:
    last = m.days[-1] if m.days else None
    newest = {one.account: one for one in m.figures if one.day == last}
    late = str(m.over)
    ordered = sorted(newest.items(), key=lambda pair: (-pair[1].waiting.get(late, 0), pair[0]))
    rows: list[list[Cell]] = [
        [_name(m, account), one.waiting["0"], *(one.waiting.get(str(hours), 0) for hours in WAITS)]
        for account, one in ordered
        if one.waiting
    ]
    daily = [
        (str(day), sum(o.waiting.get("0", 0) for o in found), sum(o.waiting.get(late, 0) for o in found))
        for day, found in _by_day(m).items()
    ]
    heads = ("Account", "Open", *(f"Over {hours} h" for hours in WAITS))
    return Made(
        (
            Figure(name="Open at the end of the last day", value=sum(o.waiting.get("0", 0) for o in newest.values())),
            Figure(name=f"Of these over {m.over} h", value=sum(o.waiting.get(late, 0) for o in newest.values())),
        ),
        (
            table(f"Open by account, end of {last}", heads, rows, chart=2 + WAITS.index(m.over)),
            table("Open at the end of each day", ("Day", "Open", f"Over {m.over} h"), daily, chart=2),
        ),
    )


def _by_day(m: Material) -> dict[date, list[DayFigures]]:
    found: dict[date, list[DayFigures]] = {day: [] for day in m.days}
    for one in m.figures:
        found.setdefault(one.day, []).append(one)
    return found


# decisions -----------------------------------------------------------------------------------------------------------


def _decisions(m: Material) -> Made:
    by_rule = rules.summed(m.figures, "decisions", 1, 0)
    rows = _by_decision(by_rule, lambda rule: rule)
    decided = rules.summed(m.figures, "decided", 0)
    figures = [Figure(name="Decisions", value=decided.total())]
    figures += [Figure(name=name.capitalize(), value=decided[(name,)]) for name in _DECISIONS]
    return Made(tuple(figures), (_decision_table("Decisions by rule", "Rule", rows),))


def _decisions_by_person(m: Material) -> Made:
    counts = rules.summed(m.figures, "people", 0, 1)
    names = {one.id: one.name for one in m.people}
    rows = _by_decision(counts, lambda person: names.get(person, person))
    return Made(
        (Figure(name="Decisions", value=counts.total()), Figure(name="People", value=len(rows))),
        (_decision_table("Decisions by person", "Person", rows),),
    )


def _by_decision(counts: Counter[tuple[str, ...]], shown: Callable[[str], str]) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for value in sorted({value for value, _ in counts}, key=shown):
        numbers = [counts[value, decision] for decision in _DECISIONS]
        rows.append([shown(value), *numbers, sum(numbers)])
    return rows


def _decision_table(caption: str, first: str, rows: Sequence[Sequence[Cell]]) -> ReportTable:
    heads = (first, *(name.capitalize() for name in _DECISIONS), "All")
    return table(caption, heads, rows, chart=len(heads) - 1)


def _overturns(m: Material) -> Made:
    decided = rules.summed(m.figures, "decided", 0, 1)
    found = rules.summed(m.figures, "overturned", 0, 1)
    raised = sum(n for (_, risk), n in decided.items() if risk in {"high", "critical"})
    passed = sum(n for (_, risk), n in decided.items() if risk in {"none", "low"})
    hides = sum(n for (decision, _), n in decided.items() if decision == "hidden")
    kinds: tuple[tuple[Overturn, str, str, int], ...] = (
        ("raised_dismissed", "Raised and dismissed", "decided, machine said high or critical", raised),
        ("passed_removed", "Passed and taken away", "decided, machine said none or low", passed),
        ("undone", "Hides undone", "hidden", hides),
    )
    shares = [(name, found[kind, "*"], of, whole, percent(found[kind, "*"], whole)) for kind, name, of, whole in kinds]
    named = sorted({rule for _, rule in found} - {"*"})
    rows: list[list[Cell]] = [[rule, *(found[kind, rule] for kind, *_ in kinds)] for rule in named]
    heads = ("Overturn", "Times", "Of those", "Of how many", "Share (%)")
    columns = tuple(Column(name=name, number=name not in {"Overturn", "Of those"}) for name in heads)
    return Made(
        tuple(Figure(name=str(row[0]), value=row[1]) for row in shares),
        (
            ReportTable(caption="Overturns", columns=columns, rows=tuple(shares), chart=1),
            table("Overturns by rule", ("Rule", *(name for _, name, *_ in kinds)), rows),
        ),
    )


def _transparency(m: Material) -> Made:
    by_rule = rules.summed(m.figures, "decisions", 1, 0)
    undone = {rule: n for (kind, rule), n in rules.summed(m.figures, "overturned", 0, 1).items() if kind == "undone"}
    named = sorted({rule for rule, _ in by_rule} | (undone.keys() - {"*"}))
    columns = {name: [by_rule[rule, name] for rule in named] for name in _DECISIONS}
    columns["reversed"] = [undone.get(rule, 0) for rule in named]
    shown = {name: rules.withheld(numbers) for name, numbers in columns.items()}
    rows: list[list[Cell]] = [[rule, *(cells[at] for cells, _ in shown.values())] for at, rule in enumerate(named)]
    rows.append(["All rules", *(total for _, total in shown.values())])
    heads = ("Rule", *(name.capitalize() for name in columns))
    return Made(
        (),
        (table("Decisions and reversals by rule", heads, rows),),
        ("A post with two rules counts under both.", f"“{rules.FEWER}” and “{rules.WITHHELD}” protect people."),
    )


# estimates -----------------------------------------------------------------------------------------------------------


def _time_saved(m: Material) -> Made:
    contacts, decided = _totals(m)
    assumed = m.assumed
    minutes = contacts * assumed.minutes_a_contact + decided * assumed.minutes_a_decision
    rows: list[tuple[Cell, ...]] = [
        (
            "Contacts found and copied by hand",
            contacts,
            assumed.minutes_a_contact,
            contacts * assumed.minutes_a_contact,
        ),
        ("Decisions written into a log", decided, assumed.minutes_a_decision, decided * assumed.minutes_a_decision),
    ]
    return Made(
        (Figure(name="Estimated time saved", value=round(minutes / 60, 1), unit="h"),),
        (table("How it is estimated", ("What", "How many", "Minutes each, assumed", "Minutes"), rows),),
        ("An estimate from the force's own assumptions; nobody measured it.",),
    )


def _cost(m: Material) -> Made:
    contacts, _ = _totals(m)
    prices = m.assumed.prices
    counted = (
        ("Write units of DynamoDB", WRITE_UNITS_A_CONTACT, prices.write_units if prices else None),
        ("Calls to AWS", CALLS_A_CONTACT, prices.calls if prices else None),
    )
    rows: list[tuple[Cell, ...]] = [
        (what, each, round(each * contacts, 1), price, None if price is None else round(each * price / _MILLION, 8))
        for what, each, price in counted
    ]
    one = sum(each * price / _MILLION for _, each, price in counted if price is not None) if prices else None
    unit = prices.currency if prices else ""
    listed = (
        f"Prices as listed on {prices.listed}, set by the force."
        if prices
        else "No prices are set (template parameter ReportAssumptions): units alone."
    )
    heads = ("What", "Units a contact", "Units in all", "Price a million", "Cost a contact")
    return Made(
        (
            Figure(name="Contacts", value=contacts),
            Figure(name="Estimated cost a contact", value=None if one is None else round(one, 8), unit=unit),
            Figure(name="Estimated cost in all", value=None if one is None else round(one * contacts, 4), unit=unit),
        ),
        (table("How it is estimated", heads, rows),),
        ("An estimate; the bill is what counts.", listed),
    )


def _totals(m: Material) -> tuple[int, int]:
    return rules.summed(m.figures, "arrived", 0).total(), rules.summed(m.figures, "decided", 0).total()


def _name(m: Material, account: str) -> str:
    known = m.accounts.get(account)
    return known.name if known else account


def _shown(moment: datetime | None) -> str:
    return f"{moment.astimezone(rules.LONDON):%Y-%m-%d %H:%M}" if moment else "never"


MAKERS: Mapping[Name, Callable[[Material], Made]] = {
    "logins": _logins,
    "inactive-accounts": _inactive_accounts,
    "missed-checks": _missed_checks,
    "response-time": _response_time,
    "volume": _volume,
    "unanswered": _unanswered,
    "decisions": _decisions,
    "decisions-by-person": _decisions_by_person,
    "overturns": _overturns,
    "time-saved": _time_saved,
    "transparency": _transparency,
    "cost": _cost,
}
