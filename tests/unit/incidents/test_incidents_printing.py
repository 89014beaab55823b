"""The closing report in print: every version of the strategy, every line of the log book and every figure."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from bluelamp.cli import main, through
from bluelamp.incidents.model import Report
from bluelamp.incidents.printing import pdf_of
from bluelamp.reports.paper import Paper
from tests.support.world import idem


@pytest.fixture
def report(desk, people):
    """An incident with two versions of its strategy, a decision, a false claim and a job."""
    desk.arrive("you idiot", "hello", "an idiot too")
    job = desk.preview().job
    desk.step(job, "start")
    desk.at.service.set_strategy(people.gold, desk.incident.id, text="Say more.", rev=1, idem=idem())
    desk.at.log.write(people.gold, desk.incident.id, kind="decision", text="Hold the line.", idem=idem())
    desk.at.log.write(
        people.gold, desk.incident.id, kind="claim", text="The bridge fell", answer="It stands", source="Highways",
        idem=idem(),
    )  # fmt: skip
    return desk.at.reporting.make(people.gold, desk.incident.id)


@pytest.fixture
def printed(monkeypatch):
    """Whatever is put on paper, as it is put there."""
    said = []
    text, table = Paper.text, Paper.table

    def write(self, words, **more):
        said.append(words)
        text(self, words, **more)

    def draw(self, caption, heads, rows):
        rows = list(rows)
        said.extend([caption, *(" | ".join(map(str, row)) for row in rows)])
        table(self, caption, heads, rows)

    monkeypatch.setattr(Paper, "text", write)
    monkeypatch.setattr(Paper, "table", draw)
    return said


def test_everything_of_the_report_is_on_paper(report, printed):
    assert pdf_of(report).startswith(b"%PDF-")
    whole = "\n".join(printed)
    for words in ("OAKLEAF: open", "Say more.", "Keep people informed. Hide abuse of the family.", "Swindale town"):
        assert words in whole
    assert any(line.endswith("| Gia Gold | Hold the line.") for line in printed)
    assert any(line.endswith("| The bridge fell | It stands | Highways") for line in printed)
    assert any(" | hide | 2 | Gia Gold | " in line for line in printed)
    assert {f"{name.replace('_', ' ')} | {n}" for name, n in report.figures.items()} <= set(printed)
    assert "posts | 3" in printed


def test_the_same_report_is_the_same_file_and_another_is_not(report):
    assert pdf_of(report) == pdf_of(report)
    assert pdf_of(report) != pdf_of(report.model_copy(update={"minutes": report.minutes + 1}))


def test_the_command_writes_what_the_api_answers(report, monkeypatch, tmp_path):
    class Api:
        def get(self, _path):
            return json.loads(report.model_dump_json())

    monkeypatch.setattr(through, "api_of", lambda *_: Api())
    out = tmp_path / "report.pdf"
    done = CliRunner().invoke(main, ["incident", "report", report.incident.id, "--pdf", str(out)])
    assert done.exit_code == 0, done.output
    assert "OAKLEAF" in done.output
    assert out.read_bytes() == pdf_of(Report.model_validate(report.model_dump()))
