"""`bluelamp report`: the same report as table, CSV, JSON and PDF; and docs/reports.md is what it prints."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from bluelamp.cli import main
from bluelamp.cli import reporting as module
from bluelamp.reports.definitions import DEFINITIONS, KINDS, markdown
from bluelamp.reports.model import Column, Figure, Report, ReportTable
from bluelamp.reports.printing import pdf_of
from tests.contract.infra_template import ROOT

REPORT = Report(
    name="volume",
    title="Volume",
    month="2026-11",
    account=None,
    made_at="2026-11-04T09:00:00.000Z",
    days=3,
    missing=1,
    estimate=False,
    definition=DEFINITIONS["volume"],
    figures=(Figure(name="Contacts", value=26), Figure(name="Nothing", value=None)),
    tables=(
        ReportTable(
            caption="By account",
            columns=(Column(name="Account"), Column(name="Contacts", number=True)),
            rows=(("=Ashcombe 😀", 26), ("South", None)),
            chart=1,
        ),
        ReportTable(caption="Empty", columns=(Column(name="Account"),), rows=()),
    ),
    notes=("A note.",),
)


class Desk:
    def __init__(self):
        self.asked = []

    def get(self, path, **query):
        self.asked.append((path, query))
        return REPORT.model_dump(mode="json")


@pytest.fixture
def desk(monkeypatch):
    one = Desk()
    monkeypatch.setattr(module, "api_of", lambda *_: one)
    return one


def run(*words):
    done = CliRunner().invoke(main, ["report", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_page_is_what_the_command_prints():
    page = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    assert page == run("--definitions") == markdown(), "bluelamp report --definitions > docs/reports.md"
    for kind in KINDS.values():
        assert f"`{kind.name}`" in page
        assert DEFINITIONS[kind.definition].formula.rstrip(".")[1:] in page


def test_without_a_name_it_says_which_there_are():
    assert [line.split()[0] for line in run().splitlines()] == list(KINDS)


def test_a_report_in_words(desk):
    said = run("volume", "--month", "2026-11", "--over", "48")
    assert desk.asked == [("/reports/volume", {"month": "2026-11", "over": "48"})]
    for wanted in ("Contacts: 26", "Nothing: none", "1 days of the month", "By account", "A note."):
        assert wanted in said


def test_as_json_and_as_csv(desk):
    assert json.loads(run("volume", "--json"))["figures"][0]["value"] == 26
    assert "'=Ashcombe 😀,26\n" in run("volume", "--csv")  # click's runner makes every end of a line the same


@pytest.mark.slow  # a font is read and embedded
def test_as_pdf_the_same_twice(desk, tmp_path):
    out = tmp_path / "volume.pdf"
    run("volume", "--pdf", str(out), "--force", "Wealdshire Police")
    body = out.read_bytes()
    assert body.startswith(b"%PDF-")
    assert body == pdf_of(REPORT, "Wealdshire Police")
    assert body != pdf_of(REPORT.model_copy(update={"month": "2026-10"}), "Wealdshire Police")


def test_what_the_api_refuses_is_said(desk, monkeypatch):
    def get(path, **query):
        raise module.BluelampError("Refused because you may not.")

    monkeypatch.setattr(desk, "get", get)
    done = CliRunner().invoke(main, ["report", "volume"])
    assert (done.exit_code, done.output) == (1, "Error: Refused because you may not.\n")
