"""Reads the labelled sets that the default scorer is trained on; none of their text is part of the project.

Each example carries, for each head it can speak for, a label and a weight. What a set's labels do not say is left
out (a post that is not sexist may well be abusive), or counts little.
"""

import csv
import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from desk_sentences import sentences

from bluelamp.moderation.ruleset import BASE, read_rules

HELD_OUT_PERCENT = 15
NOISY = 0.3


@dataclass(frozen=True)
class Example:
    """A text, where it comes from, and per head (label, weight)."""

    text: str
    source: str
    held_out: bool
    labels: dict[str, tuple[int, float]] = field(default_factory=dict)


def load(directory: Path, seed: int) -> list[Example]:
    """Read every set of the directory, in a fixed order."""
    examples = [example for read in READERS for example in read(directory)]
    examples.extend(_desk(seed))
    return examples


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _held_out(text: str) -> bool:
    """Split by the text itself, so that the same text never stands on both sides."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % 100 < HELD_OUT_PERCENT


def _edos(directory: Path) -> Iterator[Example]:
    for row in _rows(directory / "edos_train_dev.csv"):
        sexist = int(row["label_sexist"] == "sexist")
        threat = int(row["label_category"].startswith("1."))
        labels = {"hate": (sexist, 1.0), "threat": (threat, 1.0), "abuse": (sexist, 1.0 if sexist else NOISY)}
        yield Example(row["text"], "edos", row["split"] == "dev", labels)


def _hatemoji(directory: Path) -> Iterator[Example]:
    for name in ("hatemojibuild_train.csv", "hatemojibuild_validation.csv"):
        for row in _rows(directory / name):
            hate = int(row["label_gold"])
            threat = int(row["type"] == "threateninglanguage")
            labels = {"hate": (hate, 1.0), "threat": (threat, 1.0), "abuse": (hate, 1.0 if hate else NOISY)}
            yield Example(row["text"], "hatemoji", row["split"] == "dev", labels)


def _misogyny(directory: Path) -> Iterator[Example]:
    for row in _rows(directory / "misogyny_train.csv"):
        hate = int(row["level_1"] == "Misogynistic")
        attack = row["level_2"] == "Nonmisogynistic_personal_attack"
        labels = {
            "hate": (hate, 1.0),
            "threat": (int(row["level_3"].startswith("Threatening")), 1.0),
            "abuse": (int(hate or attack), 1.0 if hate or attack else NOISY),
        }
        yield Example(row["body"], "misogyny", _held_out(row["body"]), labels)


def _convabuse(directory: Path) -> Iterator[Example]:
    for name, held_out in (("convabuse_train.csv", False), ("convabuse_valid.csv", True)):
        for row in _rows(directory / name):
            votes = [
                (severity, key)
                for severity in (1, 0, -1, -2, -3)
                for key, value in row.items()
                if key.endswith(f"_is_abuse.{severity}") and value.startswith("1")
            ]
            abusive = int(sum(severity < 0 for severity, _ in votes) * 2 > len(votes))
            yield Example(row["user"], "convabuse", held_out, {"abuse": (abusive, 1.0)})


def _surge(directory: Path) -> Iterator[Example]:
    for row in _rows(directory / "surge_toxicity.csv"):
        yield Example(row["text"], "surge", _held_out(row["text"]), {"abuse": (int(row["is_toxic"] == "Toxic"), 1.0)})


def _madlibs(directory: Path) -> Iterator[Example]:
    for row in _rows(directory / "madlibs_sample.csv"):
        bad = int(row["Label"] == "BAD")
        labels = {"abuse": (bad, 1.0)}
        if not bad:  # "bad" of a teacher is no hate; "not bad" of anybody is none either
            labels |= {"hate": (0, 1.0), "threat": (0, 1.0)}
        yield Example(row["Text"], "madlibs", _held_out(row["Text"]), labels)


def _desk(seed: int) -> Iterator[Example]:
    """Our own sentences; the words in them are those of the base's banks."""
    abuse = read_rules((BASE / "abuse.yaml").read_text(encoding="utf-8"), "abuse.yaml")
    insults = [term for bank in ("insults", "profanity") for term in abuse.banks[bank].terms if "*" not in term]
    source = random.Random(seed)  # noqa: S311 - a seeded generator, no secret
    for text, labels in sentences(source, abuse.banks["slurs"].terms, insults):
        weighed = {head: (label, 1.0) for head, label in labels.items()}
        yield Example(text, "desk", _held_out(text), weighed)


READERS: tuple[Callable[[Path], Iterator[Example]], ...] = (
    _edos,
    _hatemoji,
    _misogyny,
    _convabuse,
    _surge,
    _madlibs,
)
