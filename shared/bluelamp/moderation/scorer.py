"""Scorers: what a model thinks of a text, in thousandths. Scores order the queue; they never act.

The default one is a logistic regression over hashed n-grams with one signed byte a weight: small enough for
every function, quick in plain Python, and it can point at the words that weighed most. docs/model-card.md
says what it was trained on, how well it does, and where it fails.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from bluelamp.errors import BluelampError
from bluelamp.moderation.features import BUCKETS, features, tokens, word_features
from bluelamp.moderation.features import VERSION as FEATURES
from bluelamp.moderation.model import Score, Span
from bluelamp.moderation.normalise import VERSION as NORMALISER
from bluelamp.moderation.normalise import Normalised

HEADS = ("abuse", "hate", "threat")
MODEL = Path(__file__).parent / "data" / "model"
_EXPLAINING_WORDS = 3
_FARTHEST = 35.0


class ModelError(BluelampError):
    """The model's files are missing, changed, or made for other features."""

    code = "bad_model"


class Scorer(Protocol):
    """Anything that gives scores: the default one, a bigger one, a cloud service."""

    provider: str
    version: str
    heads: tuple[str, ...]

    def score(self, text: Normalised) -> tuple[Score, ...]:
        """Score a text by every head."""

    def explain(self, text: Normalised, head: str) -> tuple[Span, ...]:
        """Point at the words that weighed most for a head."""


class _Head(NamedTuple):
    weights: memoryview
    scale: float
    bias: float


class LinearScorer:
    """Logistic regression over hashed n-grams.

    Parameters
    ----------
    heads
        Weights, scale and bias by name.
    version
        Of the model: the first characters of the hash of its description.
    """

    provider = "bluelamp-linear"

    def __init__(self, heads: Mapping[str, _Head], version: str) -> None:
        self._heads = dict(heads)
        self.heads = tuple(self._heads)
        self.version = version

    def score(self, text: Normalised) -> tuple[Score, ...]:
        """Score a text by every head; the same text gives the same thousandths."""
        buckets = features(text)
        length = math.sqrt(len(buckets)) or 1.0
        return tuple(
            Score(
                head=name,
                provider=self.provider,
                version=self.version,
                value_permille=_permille(sum(map(head.weights.__getitem__, buckets)) * head.scale / length + head.bias),
            )
            for name, head in self._heads.items()
        )

    def explain(self, text: Normalised, head: str) -> tuple[Span, ...]:
        """Point at up to three words that spoke most for a head."""
        weights = self._heads[head].weights
        weighed = []
        for word, start, end in tokens(text):
            weight = sum(weights[bucket] for bucket in word_features(word))
            if weight > 0 and word[0].isalpha():
                weighed.append((-weight, start, end))
        return tuple(sorted({text.folded.span(start, end) for _, start, end in sorted(weighed)[:_EXPLAINING_WORDS]}))


class AbsentScorer:
    """Stands in for a scorer that could not be loaded: every head answers "unknown"."""

    provider = "absent"
    version = "none"
    heads: tuple[str, ...] = HEADS

    def score(self, text: Normalised) -> tuple[Score, ...]:  # noqa: ARG002 - the protocol's signature
        """Give no value for any head."""
        return failed_scores(self)

    def explain(self, text: Normalised, head: str) -> tuple[Span, ...]:  # noqa: ARG002 - likewise
        """Point at nothing."""
        return ()


def failed_scores(scorer: Scorer) -> tuple[Score, ...]:
    """Give the scores of a scorer that failed: every head, without a value."""
    return tuple(
        Score(head=head, provider=scorer.provider, version=scorer.version, value_permille=None) for head in scorer.heads
    )


def load_scorer(directory: Path = MODEL) -> LinearScorer:
    """Load the default scorer; every weight file must have the hash that `model.json` names.

    Raises
    ------
    ModelError
        When a file is missing or changed, or the model was trained on other features.
    """
    try:
        described = (directory / "model.json").read_bytes()
        description: dict[str, Any] = json.loads(described)
        heads = {
            name: _Head(_weights(directory / head["file"], head["sha256"]), head["scale"], head["bias"])
            for name, head in description["heads"].items()
        }
        made_for = (description["features"], description["normaliser"])
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"the model in {directory.name} cannot be read: {error}; train it again") from error
    if made_for != (FEATURES, NORMALISER):
        raise ModelError(f"the model was trained on features and normaliser {made_for}; train it again")
    return LinearScorer(heads, hashlib.sha256(described).hexdigest()[:16])


def _weights(path: Path, sha256: str) -> memoryview:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256 or len(content) != BUCKETS:
        raise ModelError(f"{path.name} is not the file that model.json names; train the model again")
    return memoryview(content).cast("b")


def _permille(logit: float) -> int:
    bounded = max(-_FARTHEST, min(_FARTHEST, logit))
    return round(1000 / (1 + math.exp(-bounded)))
