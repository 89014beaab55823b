"""The default scorer: the file that was trained, the same figures every time, and words to point at."""

import json
import shutil

import pytest

from bluelamp.moderation.features import BUCKETS, features
from bluelamp.moderation.normalise import normalise
from bluelamp.moderation.scorer import HEADS, MODEL, AbsentScorer, ModelError, load_scorer

SCORER = load_scorer()


def values(text):
    return {score.head: score.value_permille for score in SCORER.score(normalise(text))}


def test_the_committed_weights_are_small_and_named():
    description = json.loads((MODEL / "model.json").read_text(encoding="utf-8"))
    assert tuple(description["heads"]) == HEADS == SCORER.heads
    assert all((MODEL / head["file"]).stat().st_size <= 256 * 1024 for head in description["heads"].values())
    assert {"seed", "features", "normaliser"} <= set(description)


def test_figures_on_held_out_splits_stand_in_the_model():
    heads = json.loads((MODEL / "model.json").read_text(encoding="utf-8"))["heads"]
    assert all(head["held_out"]["all"]["auc"] >= 0.83 for head in heads.values())


def test_scores_tell_apart_and_repeat():
    assert values("I will kill you")["threat"] > 500 > values("Thank you all")["threat"]
    assert values("you stupid ugly bitch")["abuse"] > 800 > values("what time does the road reopen?")["abuse"]
    assert values("you stupid ugly bitch") == values("you stupid ugly bitch")
    assert all(0 <= value <= 1000 for value in values("").values())


GROUPS = (
    "women", "immigrants", "Pakistanis", "Black people", "refugees", "Indians", "Travellers", "Muslims", "lesbians",
    "asylum seekers", "Gypsies", "Hindus", "Asians", "disabled people", "trans people", "Sikhs", "foreigners",
    "gay people", "Romanians", "Jews", "Africans", "Poles",
)  # fmt: skip
# Written after the training was fixed, and never trained on. docs/model-card.md gives the figures.
OF_GROUPS = (
    "I love {}, they are welcome here",
    "My neighbours are {} and they brought us soup",
    "There was an event for {} at the library",
    "{} asked the council for a safer crossing",
    "Some {} were waiting for the bus",
    "Why are {} stopped more often?",
    "{} told the paper about their school days",
    "I spoke to {} about hate crime last week",
    "He was rude to {} in the shop",
    "More {} should be on the jury",
)
RULE_AT = 800


@pytest.mark.parametrize("group", GROUPS)
def test_hating_a_group_scores_above_welcoming_it(group):
    kind, vile = values(f"I love {group}, they are welcome here"), values(f"I hate {group}, they are vermin")
    assert kind["hate"] + 150 < vile["hate"]
    assert kind["hate"] < RULE_AT


@pytest.mark.parametrize(("head", "most"), [("hate", 0.05), ("abuse", 0.07), ("threat", 0.0)])
def test_the_known_bias_of_naming_a_group_does_not_grow(head, most):
    scores = [values(sentence.format(group))[head] for sentence in OF_GROUPS for group in GROUPS]
    assert sum(score >= RULE_AT for score in scores) / len(scores) <= most


def test_it_points_at_the_words_that_weighed_most():
    text = "well you stup1d b!tch"
    spans = SCORER.explain(normalise(text), "abuse")
    assert 1 <= len(spans) <= 3
    assert "b!tch" in {text[slice(*span)] for span in spans}


def test_features_are_bounded():
    assert all(0 <= bucket < BUCKETS for bucket in features(normalise("Caf\u00e9 \U0001f600 12 \u65e5\u672c \ud800")))
    assert len(features(normalise("word " * 5000))) < 100


def test_an_absent_scorer_says_nothing():
    absent = AbsentScorer()
    assert all(score.value_permille is None for score in absent.score(normalise("x")))
    assert absent.explain(normalise("x"), "abuse") == ()


@pytest.fixture
def copied(tmp_path):
    return shutil.copytree(MODEL, tmp_path / "model")


def test_a_changed_weight_file_is_refused(copied):
    path = copied / "hate.int8"
    content = bytearray(path.read_bytes())
    content[5] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"hate\.int8"):
        load_scorer(copied)


def test_a_missing_or_foreign_model_is_refused(copied, tmp_path):
    description = json.loads((copied / "model.json").read_text(encoding="utf-8"))
    (copied / "model.json").write_text(json.dumps(description | {"features": "0"}), encoding="utf-8")
    with pytest.raises(ModelError, match="train it again"):
        load_scorer(copied)
    with pytest.raises(ModelError, match="cannot be read"):
        load_scorer(tmp_path)
