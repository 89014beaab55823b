"""The floors: personal data found, false alarms few, words found in whatever disguise."""

from collections import Counter

import pytest

from bluelamp.moderation import rules
from bluelamp.moderation.banks import Bank
from bluelamp.moderation.ruleset import BASE, read_rules
from tests.unit.moderation import moderation_corpus as corpus
from tests.unit.moderation.moderation_kit import subject

pytestmark = pytest.mark.slow

SEED = 20261122
ABUSE = read_rules((BASE / "abuse.yaml").read_text(encoding="utf-8"), "abuse.yaml")


def found(text):
    return {reason.rule for reason in rules.judge(subject(text)).reasons}


def test_personal_data_recall_by_kind():
    seen, hit, missed = Counter(), Counter(), []
    for kind, text in corpus.personal(SEED, 150):
        seen[kind] += 1
        if f"personal_data.{kind}" in found(text):
            hit[kind] += 1
        else:
            missed.append((kind, text))
    recall = {kind: hit[kind] / seen[kind] for kind in seen}
    assert min(recall.values()) >= 0.9, (recall, missed[:20])


def test_personal_data_false_alarms():
    alarms = [
        (text, rule) for text in corpus.ordinary(SEED, 1500) for rule in found(text) if rule.startswith("personal_data")
    ]
    assert len(alarms) / 1500 <= 0.02, alarms[:20]


@pytest.mark.parametrize("bank", ["profanity", "slurs"])
def test_words_in_disguise(bank):
    terms: Bank = ABUSE.banks[bank]
    words = [term for term in terms.terms if term.isalpha() and len(term) >= 4]
    rule = {"profanity": "abuse.strong-language", "slurs": "hate.slur"}[bank]
    seen, hit, missed = Counter(), Counter(), []
    for disguise, word, text in corpus.disguised(words, SEED, 1350):
        seen[disguise] += 1
        if rule in found(text):
            hit[disguise] += 1
        else:
            missed.append((disguise, word, text))
    recall = {disguise: round(hit[disguise] / seen[disguise], 3) for disguise in seen}
    assert hit.total() / seen.total() >= 0.95, (recall, missed[:20])
    assert min(recall.values()) >= 0.9, (recall, missed[:20])
