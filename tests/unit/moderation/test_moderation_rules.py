"""Every rule of the base by example, and what the judge promises whatever the rules say."""

import dataclasses
import json
from datetime import timedelta

import pytest
import yaml

from bluelamp.moderation import rules
from bluelamp.moderation.evidence import Evidence
from bluelamp.moderation.model import Code, Effect, Risk, Span, risk_of, unjudged
from bluelamp.moderation.ruleset import Ruleset, load_ruleset, read_rules
from bluelamp.moderation.scorer import HEADS, AbsentScorer, load_scorer
from tests.unit.moderation.moderation_kit import AT, FIXTURES, subject

EXAMPLES = yaml.safe_load((FIXTURES / "rules.yaml").read_text(encoding="utf-8"))
BASE = load_ruleset()


def cases(side):
    for rule, sides in EXAMPLES.items():
        for example in sides[side]:
            text, parent = (example, None) if isinstance(example, str) else (example["text"], example["parent"])
            yield pytest.param(rule, text, parent, id=f"{rule}: {text[:40]}")


def found(text, parent=None, **more):
    return {reason.rule for reason in rules.judge(subject(text, parent=parent, **more)).reasons}


def test_every_rule_has_examples_on_both_sides():
    assert set(EXAMPLES) == {rule.id for rule in BASE.rules}
    assert all(len(sides["finds"]) >= 2 and len(sides["leaves"]) >= 2 for sides in EXAMPLES.values())


@pytest.mark.parametrize(("rule", "text", "parent"), list(cases("finds")))
def test_finds(rule, text, parent):
    judgement = rules.judge(subject(text, parent=parent))
    reason = next((reason for reason in judgement.reasons if reason.rule == rule), None)
    assert reason is not None, judgement.reasons
    assert all(0 <= span.start < span.end <= len(text) for span in reason.spans)
    assert reason.spans, "an officer is shown where"


@pytest.mark.parametrize(("rule", "text", "parent"), list(cases("leaves")))
def test_leaves(rule, text, parent):
    assert rule not in found(text, parent)


@pytest.mark.parametrize("text", (FIXTURES / "ordinary.txt").read_text(encoding="utf-8").splitlines())
def test_ordinary_posts_and_criticism_of_the_police_are_not_abuse(text):
    judgement = rules.judge(subject(text))
    assert not {r.code for r in judgement.reasons} & {Code.ABUSE, Code.HATE, Code.THREAT, Code.LIFE_RISK}, judgement


def test_precedence_orders_the_reasons_and_every_match_is_recorded():
    text = "you idiot, call me on 07700 900123, my van was broken into, he said he'll kill me, see bit.ly/a"
    judgement = rules.judge(subject(text))
    codes = [reason.code for reason in judgement.reasons]
    order = [Code.LIFE_RISK, Code.CRIME_REPORT, Code.PERSONAL_DATA, Code.ABUSE, Code.SPAM]
    assert [code for code in dict.fromkeys(codes) if code in order] == order
    assert judgement.grade == 9
    assert judgement.risk is Risk.CRITICAL


@pytest.mark.parametrize(
    "text",
    ['he shouted "paki" at my son', "they called me a paki on the bus", "someone sprayed paki on our door"],
)
def test_a_victim_who_quotes_abuse_is_seen_by_a_person_but_lower(text):
    reason = next(r for r in rules.judge(subject(text)).reasons if r.rule == "hate.slur")
    plain = next(r for r in rules.judge(subject("get out you paki")).reasons if r.rule == "hate.slur")
    assert 0 < reason.grade < plain.grade
    assert "quoted" in reason.label


def test_an_own_number_in_a_private_message_weighs_little():
    assert rules.judge(subject("my number is 07700 900123", private=True)).grade == 1
    assert rules.judge(subject("my number is 07700 900123")).grade == 5


def test_no_effect_acts_on_a_post():
    assert {effect.value for effect in Effect} == {
        "alert_person",
        "queue_timer",
        "propose_signpost",
        "tag_lead",
        "preserve",
    }


def test_scores_never_alert():
    by_score = [rule for rule in BASE.rules if rule.id.endswith(".score")]
    assert by_score
    assert all(not rule.effects and rule.grade <= 5 for rule in by_score)


def test_it_replays_to_the_same_bytes():
    texts = [e if isinstance(e, str) else e["text"] for sides in EXAMPLES.values() for e in sides["finds"]]
    fresh = rules.Judge(load_ruleset(), load_scorer())
    for text in texts:
        first, again = rules.judge(subject(text)), fresh.judge(subject(text))
        assert json.dumps(first.as_item()) == json.dumps(again.as_item())
        assert first.content == subject(text).content
    assert len(first.ruleset) == 64


def test_the_hash_follows_the_content():
    changed = (
        "subject: More\nrules:\n"
        "  - {id: abuse.more, code: abuse, tier: abuse, grade: 1, label: More of it, when: {private: true}}\n"
    )
    assert Ruleset([read_rules(changed, "a")]).hash == Ruleset([read_rules(changed, "b")]).hash
    assert Ruleset([read_rules(changed.replace("grade: 1", "grade: 2"), "a")]).hash != BASE.hash


class Broken:
    """A detector that fails in whatever way."""

    def __getattr__(self, name):
        raise RuntimeError("broken on purpose")


@pytest.mark.parametrize("part", ["banks", "patterns"])
def test_a_failed_detector_never_reads_as_safe(part, caplog):
    ruleset = load_ruleset()
    broken = Broken() if part == "banks" else dict.fromkeys(ruleset.patterns, Broken())
    setattr(ruleset, part, broken)
    judgement = rules.Judge(ruleset, load_scorer()).judge(subject("Lovely day at the fair"))
    assert judgement.risk is Risk.HIGH
    assert judgement.unknown
    assert set(judgement.unknown) <= {rule.id for rule in ruleset.rules}
    assert judgement.reasons[-1].code is Code.UNJUDGED
    assert not any(Effect.ALERT_PERSON in reason.effects for reason in judgement.reasons), "no storm of alarms"
    assert "failed" in caplog.text


def test_a_failed_scorer_leaves_the_rules_working():
    judgement = rules.Judge(BASE, AbsentScorer()).judge(subject("he said he'll kill me"))
    assert judgement.grade == 9
    assert {score.head for score in judgement.scores} == set(HEADS)
    assert all(score.value_permille is None for score in judgement.scores)
    assert set(judgement.unknown) == {"threat.score", "hate.score", "abuse.score"}


def test_a_failed_normaliser_makes_everything_unknown(monkeypatch):
    monkeypatch.setattr("bluelamp.moderation.evidence.normalise", lambda _text: 1 / 0)
    judgement = rules.judge(subject("Lovely day at the fair"))
    assert judgement.risk is Risk.HIGH
    assert "self_harm.suicide-intent" in judgement.unknown


def test_a_missing_model_is_said_and_survived(monkeypatch, caplog):
    monkeypatch.setattr(rules, "load_scorer", lambda: load_scorer(FIXTURES))
    judge = rules.default_judge.__wrapped__()
    assert judge.judge(subject("Lovely day at the fair")).unknown
    assert "cannot be loaded" in caplog.text


def test_the_base_is_in_force_for_half_a_year():
    assert rules.judge(subject("Lovely day at the fair", at=AT + timedelta(days=180))).unknown == ()


def test_an_overdue_bank_is_unknown_and_a_closed_case_is_silent():
    much_later = rules.judge(subject("i want to kill myself", at=AT + timedelta(days=3650)))
    assert "self_harm.suicide-intent" in much_later.unknown
    assert much_later.risk is Risk.HIGH
    text = (FIXTURES / "case_bank.yaml").read_text(encoding="utf-8")
    judge = rules.Judge(Ruleset([read_rules(text, "case")]), AbsentScorer())
    assert judge.judge(subject("where is Jane Example now?")).grade == 6
    over = judge.judge(subject("where is Jane Example now?", at=AT + timedelta(days=60)))
    assert (over.grade, over.unknown) == (0, ())


def test_each_detector_runs_once():
    calls = []

    class Counting(AbsentScorer):
        def score(self, text):
            calls.append(text)
            return super().score(text)

    evidence = Evidence(subject("hello"), BASE, Counting())
    for rule in BASE.rules:
        rule.when.holds(evidence)
    assert len(calls) == 1


def test_values_are_frozen_and_grades_bounded():
    judgement = unjudged(subject("x"))
    assert (judgement.risk, judgement.judged) == (Risk.HIGH, False)
    with pytest.raises(dataclasses.FrozenInstanceError):
        judgement.grade = 0
    assert [risk_of(grade).value for grade in range(10)] == [
        *["none"],
        *["low"] * 2,
        *["medium"] * 2,
        *["high"] * 3,
        *["critical"] * 2,
    ]
    with pytest.raises(ValueError, match="0 to 9"):
        risk_of(10)
    assert list(Span(1, 2)) == [1, 2]
