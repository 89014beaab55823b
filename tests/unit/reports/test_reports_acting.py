"""What is done to authors or by hand decides no case, a private answer does; a proposal dismisses nothing."""

from __future__ import annotations

from bluelamp.reports.tallying import count_days
from tests.unit.reports.reports_kit import DAYS, NORTH, acted, line, post


def decisions(*lines):
    seen = post(1, "2 09:00", "medium", *lines)
    return [day.decisions for day in count_days(NORTH, DAYS, [seen])]


def nothing():
    return decisions()


def test_a_ban_or_a_like_decides_nothing():
    assert decisions(acted("ban", "ann", "2 10:00"), acted("like", "ann", "2 10:01")) == nothing()


def test_a_private_message_answers():
    assert decisions(acted("message", "ann", "2 10:00")) == decisions(acted("reply", "ann", "2 10:00")) != nothing()


def test_a_report_and_a_proposal_dismiss_nothing():
    reported = [line("decide", "2 10:00", "ann", verb="report", reason="abuse")]
    proposed = [line("decide", "2 10:01", "ann", verb="delete", proposal="asked")]
    assert decisions(reported, proposed) == nothing()


def test_what_was_settled_later_counts_once_by_its_last_result():
    told = [line("intent", "2 10:00", "ann", verb="reply"), line("outcome", "2 10:01", verb="reply", result="unknown")]
    settled = [line("outcome", "2 10:20", "ann", verb="reply", result="done")]
    assert decisions(told) == nothing()
    assert decisions(told, settled) == decisions(acted("reply", "ann", "2 10:20"))
