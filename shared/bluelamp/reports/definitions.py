"""What each figure means: one place that the page, the files, the documentation and the tests all read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bluelamp.reports.model import Definition, Kind

# Contacts older than so many hours are counted each night; a report asks for one of them.
WAITS: Final = (1, 4, 8, 24, 48, 72, 168)
# Below this a number in what is published is not told: a few people could recognise themselves.
SMALL: Final = 5

_DAYS = (
    "the days counted each night from the posts in the table. A day is that of the clock in London; a contact's hour "
    "is the one in which the public wrote it"
)

DEFINITIONS: Final[Mapping[str, Definition]] = {
    one.id: one
    for one in (
        Definition(
            id="last-login",
            name="Last login and inactive people",
            counted="Active people by when they signed in last, by the page or by a token.",
            source="the register of people, as it stands when the report is read",
            formula="Inactive is who never signed in, or signed in last more than n days ago (n is 30 unless asked).",
            leaves_out="People who are suspended or left. How long somebody stayed signed in. The people of a team "
            "whose account the reader was given for a time, or covers by itself.",
        ),
        Definition(
            id="inactive-accounts",
            name="Inactive accounts",
            counted="Accounts that are not archived, with when something last arrived, was published and was answered.",
            source=_DAYS,
            formula="Inactive is an account on which none of the three happened in the last n days of the period "
            "(n is 30 unless asked). Published is what the account itself wrote, wherever it was written.",
            leaves_out="What was before the first day that was counted: it is shown as never.",
        ),
        Definition(
            id="missed-checks",
            name="Missed daily checks",
            counted="Days of an account on which nobody said by midnight that it was looked at.",
            source="the daily checks (docs/checks.md)",
            formula="Missed days and checked days of the month, by account.",
            leaves_out="Days on which no check was wanted, and today.",
        ),
        Definition(
            id="first-answer",
            name="Response time",
            counted="Contacts whose first answer through Bluelamp reached the platform in the period.",
            source=_DAYS,
            formula="From the time that the public wrote, as the platform has it, to the time that the platform "
            "confirmed the first answer, in whole seconds. The median and the 90th percentile are nearest-rank: of n "
            "times in order the one at place n times 0.5, or n times 0.9, rounded up. Nothing is interpolated.",
            leaves_out="Answers that were written on the platform itself, second answers, and contacts that were "
            "never answered: these are in “Unanswered” as long as they wait.",
        ),
        Definition(
            id="volume",
            name="Volume",
            counted="Contacts from the public that arrived, and what the accounts published.",
            source=_DAYS,
            formula="Contacts by the day on which Bluelamp took them in, by account, platform, kind, and the risk that "
            "the machine first gave them.",
            leaves_out="Contacts that were gone before their words came. Edits: a contact counts once.",
        ),
        Definition(
            id="unanswered",
            name="Unanswered",
            counted="Contacts that nobody had decided about at the end of a day, and those older than n hours.",
            source=_DAYS,
            formula="At midnight, London time: received before, and neither answered, hidden, deleted, dismissed nor "
            "removed by then. n is 24 unless asked; 1, 4, 8, 24, 48, 72 and 168 are counted.",
            leaves_out="What was decided by midnight and opened again later counts as decided for that midnight when "
            "the day is counted anew.",
        ),
        Definition(
            id="decisions",
            name="Decisions by rule",
            counted="Decisions that were carried out: hidden, deleted, replied, dismissed.",
            source=_DAYS,
            formula="By each rule that had led to the machine's grade. A post with two rules counts under both, so the "
            "rules add up to more than the total; without a rule it counts under “none”.",
            leaves_out="What was cancelled before the platform was asked, failed, or whose outcome nobody knows.",
        ),
        Definition(
            id="decisions-person",
            name="Decisions by person",
            counted="The same decisions, by who took them.",
            source=_DAYS,
            formula="A hide, delete or reply belongs to whoever asked for it. It says how the work was shared, and "
            "nothing about how well it was done.",
            leaves_out="Looking, claiming, notes and flags. As decisions by rule.",
        ),
        Definition(
            id="overturns",
            name="Overturns",
            counted="Where a person changed what the machine or a colleague had it at.",
            source=_DAYS,
            formula="Raised and dismissed: the machine said high or critical, a person dismissed it. Passed and taken "
            "away: the machine said none or low, a person hid or deleted it. Undone: a hide was carried out and "
            "taken back. The share is of all decisions where the machine said so; of undone, of all hides.",
            leaves_out="Medium risk: there the machine proposes nothing. Hides taken back before the platform was "
            "asked.",
        ),
        Definition(
            id="time-saved",
            name="Time saved (estimate)",
            counted="Minutes of work that the desk takes off people, estimated; nobody measured them.",
            source="volume and decisions, and two assumptions of the force (template parameter ReportAssumptions)",
            formula="contacts times minutes to find and copy one by hand (assumed 1) + decisions times minutes to "
            "write one into a log by hand (assumed 2).",
            leaves_out="The time that Bluelamp itself takes. It is no measurement: do not publish it as one.",
        ),
        Definition(
            id="transparency",
            name="Public transparency report",
            counted="Decisions and reversals of the whole force by rule, for publication.",
            source=_DAYS,
            formula=f"Decisions as by rule, reversals as undone hides. A number from 1 to {SMALL - 1} is “fewer than "
            f"{SMALL}”; where the rest of a column would still tell which, the next smallest is withheld too, and with "
            "it the total when nothing else is left.",
            leaves_out="Accounts, people, times and words: nothing in it is about a person.",
        ),
        Definition(
            id="cost",
            name="Cost a contact (estimate)",
            counted="What the contacts of the period ask of AWS, in units and, where prices are set, in money.",
            source="volume above; units per contact as counted by benchmarks/bench_path.py for a webhook of ten; the "
            "prices and the date of their list as the force set them (template parameter ReportAssumptions)",
            formula="contacts times units per contact ÷ 1,000,000 times price per million, added up.",
            leaves_out="Storage, traffic, pictures, reading, idle polling, taxes and support. It is an estimate: the "
            "bill is what counts.",
        ),
    )
}

KINDS: Final[Mapping[str, Kind]] = {
    one.name: one
    for one in (
        Kind(name="logins", definition="last-login", verb="report_people"),
        Kind(name="inactive-accounts", definition="inactive-accounts"),
        Kind(name="missed-checks", definition="missed-checks"),
        Kind(name="response-time", definition="first-answer"),
        Kind(name="volume", definition="volume"),
        Kind(name="unanswered", definition="unanswered"),
        Kind(name="decisions", definition="decisions"),
        Kind(name="decisions-by-person", definition="decisions-person", verb="report_people"),
        Kind(name="overturns", definition="overturns"),
        Kind(name="time-saved", definition="time-saved", estimate=True),
        Kind(name="transparency", definition="transparency", force_wide=True),
        Kind(name="cost", definition="cost", estimate=True),
    )
}

_HEAD = """\
# Reports

Printed by `bluelamp report --definitions` from what the reports themselves show (`reports/definitions.py`).

`GET /reports` lists them, `GET /reports/{name}?month=2026-11` gives one, with `account=` of one account and
`format=csv` as a file; `bluelamp report NAME --month 2026-11` does the same, with `--csv`, `--json` or `--pdf OUT`.
`POST /reports/{name}/pdf` has the export function print one, which is fetched by a link of ten minutes for a week. Each
reading is recorded. Communications, administrators and auditors see the whole force, supervisors their teams'
accounts; figures on people are for supervisors, auditors and administrators alone. On the first of a month supervisors
and the communications team are told that the reports of the month before are ready.

Nothing scans. Each night, half an hour after midnight in London, the tick counts the last three days of each account
from two queries, and on the first of a month the whole month anew; counting again gives the same, so that a run that
was cut off is simply gone on with. A report of the force reads a query a day: see
[ADR 0081](decisions/0081-figures-by-day.md): 31 queries and 434 read units for 68 accounts and 31 days.

What the force assumes for its estimates is the template parameter `ReportAssumptions`, JSON; what is left out has its
default, and without prices the cost is told in units:

    {"minutes_a_contact": 1, "minutes_a_decision": 2,
     "prices": {"listed": "2026-11-01", "currency": "GBP", "write_units": 0.6, "calls": 0.3}}

Prices are those of a million write units of DynamoDB, and of a million calls (requests of Lambda, SQS and S3,
averaged), from the list of the day that is named; those above are an example.
"""


def lines_of(one: Definition) -> list[tuple[str, str]]:
    """Return a definition as label and value, as every form of a report shows it."""
    return [
        ("What is counted", one.counted),
        ("From what", one.source),
        ("Formula", one.formula),
        ("Leaves out", one.leaves_out),
    ]


def markdown() -> str:
    """Return docs/reports.md."""
    parts = [_HEAD]
    for kind in KINDS.values():
        one = DEFINITIONS[kind.definition]
        who = "supervisors, auditors and administrators" if kind.verb == "report_people" else "whoever reads reports"
        rows = [f"- **{label}.** {value[0].upper()}{value[1:].rstrip('.')}." for label, value in lines_of(one)]
        parts.append(f"## {one.name}\n\n`{kind.name}`, for {who}.\n\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)
