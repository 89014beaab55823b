"""Whatever the base can find, the record takes: a finding that fits no leaf would keep its post from being filed."""

import json

import pytest
import yaml

from bluelamp.audit.leaf import Actor, Judgement, Rule, draft
from bluelamp.moderation import rules
from bluelamp.moderation.model import Code, Risk, unjudged
from bluelamp.moderation.ruleset import load_ruleset
from bluelamp.moderation.scorer import AbsentScorer
from bluelamp.posts.judging import _entry
from tests.unit.moderation.moderation_kit import AT, FIXTURES, subject

EXAMPLES = yaml.safe_load((FIXTURES / "rules.yaml").read_text(encoding="utf-8"))
BASE = load_ruleset()


def leaf_of(judgement):
    entry = _entry(judgement)
    leaf = draft(
        type=entry.type,
        at=AT,
        actor=entry.actor,
        judgement=entry.judgement,
        model=entry.model,
        rule=entry.rule,
    )
    return json.loads(leaf.body)


@pytest.mark.parametrize("rule", sorted(EXAMPLES))
def test_what_each_rule_finds_goes_into_the_record(rule):
    example = EXAMPLES[rule]["finds"][0]
    text, parent = (example, None) if isinstance(example, str) else (example["text"], example["parent"])
    judgement = rules.judge(subject(text, parent=parent))
    body = leaf_of(judgement)
    assert rule in body["judgement"]["rules"]
    assert body["judgement"]["codes"] == list(dict.fromkeys(reason.code for reason in judgement.reasons))
    assert body["rule"] == {"id": "ruleset", "version": judgement.ruleset}
    assert body["model"]["scores"] == {s.head: s.value_permille for s in judgement.scores}


def test_every_rule_at_once_and_every_code_go_into_the_record():
    every = Judgement(
        risk=Risk.CRITICAL.value,
        grade=9,
        codes=tuple(code.value for code in Code),
        rules=tuple(rule.id for rule in BASE.rules),
    )
    rule = Rule(id="ruleset", version=BASE.hash)
    body = json.loads(
        draft(type="classify", at=AT, actor=Actor.system("moderate"), judgement=every, rule=rule).body,
    )
    assert len(body["judgement"]["rules"]) == len(BASE.rules)


def test_what_could_not_be_judged_goes_into_the_record():
    assert leaf_of(unjudged(subject("Lovely day")))["judgement"]["codes"] == ["unjudged"]
    partly = rules.Judge(BASE, AbsentScorer()).judge(subject("he said he'll kill me"))
    assert "model" not in leaf_of(partly)
