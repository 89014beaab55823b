"""Trains the default scorer: `python benchmarks/train_scorer.py --data DIR [--out DIR]`, needs numpy.

The same data, seed and numpy give the same weights. DIR holds the sets that docs/model-card.md lists. The weights and
`model.json` go into the package's data; the figures of the held-out splits are printed and written into `model.json`.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "shared"), str(ROOT / "benchmarks")]

from figures import at_threshold, auc  # noqa: E402
from scorer_data import Example, load  # noqa: E402

from bluelamp.moderation.features import BUCKETS, VERSION, features  # noqa: E402
from bluelamp.moderation.normalise import VERSION as NORMALISER  # noqa: E402
from bluelamp.moderation.normalise import normalise  # noqa: E402
from bluelamp.moderation.scorer import HEADS, MODEL  # noqa: E402

SEED = 20261122
ROUNDS = 160
RATE = 0.25
L2 = {"abuse": 4e-6, "hate": 1e-5, "threat": 3e-5}
CLIP_QUANTILE = 0.99995
LEAST_WEIGHT = 1e-3


class Matrix:
    """Binary features of all texts, each row of length one, in compressed rows."""

    def __init__(self, texts: list[str]) -> None:
        rows = [np.fromiter(sorted(features(normalise(text))), np.int32) for text in texts]
        self.sizes = np.array([max(1, len(row)) for row in rows], np.int64)
        rows = [row if len(row) else np.zeros(1, np.int32) for row in rows]
        self.indices = np.concatenate(rows)
        self.starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]])
        self.norm = 1 / np.sqrt(self.sizes)

    def rows(self, chosen: np.ndarray) -> "Matrix":
        """Give some rows."""
        part = Matrix.__new__(Matrix)
        part.sizes = self.sizes[chosen]
        ranges = [np.arange(self.starts[row], self.starts[row] + self.sizes[row]) for row in chosen]
        part.indices = self.indices[np.concatenate(ranges)]
        part.starts = np.concatenate([[0], np.cumsum(part.sizes)[:-1]])
        part.norm = self.norm[chosen]
        return part

    def times(self, weights: np.ndarray) -> np.ndarray:
        """Multiply by a vector of weights."""
        return np.add.reduceat(weights[self.indices], self.starts) * self.norm

    def transposed_times(self, errors: np.ndarray) -> np.ndarray:
        """Multiply the transposed matrix by a vector of errors."""
        return np.bincount(self.indices, np.repeat(errors * self.norm, self.sizes), BUCKETS)


def train(matrix: Matrix, labels: np.ndarray, weights: np.ndarray, l2: float) -> tuple[np.ndarray, float]:
    """Fit by full-batch Adam: nothing is random, so the seed is that of the generated sentences alone."""
    vector, bias = np.zeros(BUCKETS), 0.0
    first, second = np.zeros(BUCKETS + 1), np.zeros(BUCKETS + 1)
    for step in range(1, ROUNDS + 1):
        predicted = 1 / (1 + np.exp(-(matrix.times(vector) + bias)))
        errors = (predicted - labels) * weights
        gradient = np.append(matrix.transposed_times(errors) + l2 * vector, errors.sum())
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        rate = RATE * 0.5 * (1 + np.cos(np.pi * step / ROUNDS))
        change = rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
        vector -= change[:-1]
        bias -= change[-1]
    return vector, float(bias)


def balanced(labels: np.ndarray, weights: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Let both classes weigh the same, and no set more than three times an average one."""
    shares = weights.copy()
    cap = 3 * weights.sum() / len(set(sources))
    for source in set(sources):
        mine = sources == source
        shares[mine] *= min(1.0, cap / shares[mine].sum())
    for label in (0, 1):
        shares[labels == label] *= 0.5 / shares[labels == label].sum()
    return shares


def head(name: str, examples: list[Example], matrix: Matrix, out: Path) -> dict[str, object]:
    """Train one head, write its weights, and describe it with its held-out figures."""
    mine = np.array([place for place, example in enumerate(examples) if name in example.labels])
    labels = np.array([examples[place].labels[name][0] for place in mine], float)
    weights = np.array([examples[place].labels[name][1] for place in mine])
    sources = np.array([examples[place].source for place in mine])
    held_out = np.array([examples[place].held_out for place in mine])
    kept = ~held_out
    shares = balanced(labels[kept], weights[kept], sources[kept])
    vector, bias = train(matrix.rows(mine[kept]), labels[kept], shares, L2[name])
    scale = float(np.quantile(np.abs(vector[np.abs(vector) > LEAST_WEIGHT]), CLIP_QUANTILE)) / 127
    packed = np.clip(np.round(vector / scale), -127, 127).astype(np.int8)
    (out / f"{name}.int8").write_bytes(packed.tobytes())
    print(f"{name}: {int(labels[kept].sum())} of {kept.sum()} positive, scale {scale:.5f}, bias {bias:.3f}")
    logits = matrix.rows(mine[held_out]).times(packed.astype(float)) * scale + bias
    figures: dict[str, object] = {}
    for source in ["all", *sorted(set(sources[held_out]))]:
        # Our own generated sentences are too alike to count.
        chosen = sources[held_out] != "desk" if source == "all" else sources[held_out] == source
        truth, seen = labels[held_out][chosen], logits[chosen]
        if 0 < truth.sum() < len(truth):
            figures[source] = {"n": len(truth), "positive": int(truth.sum()), "auc": round(auc(truth, seen), 3)}
            print(f"  {source:10} {figures[source]} {at_threshold(truth, seen)}")
        else:
            print(f"  {source:10} n={len(truth)} all {truth[:1]} {at_threshold(truth, seen)}")
    return {
        "file": f"{name}.int8",
        "sha256": hashlib.sha256(packed.tobytes()).hexdigest(),
        "scale": scale,
        "bias": bias,
        "held_out": figures,
    }


def main() -> None:
    """Train every head."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the labelled sets")
    parser.add_argument("--out", type=Path, default=MODEL, help="where weights and model.json go")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    examples = load(arguments.data, SEED)
    matrix = Matrix([example.text for example in examples])
    model = {
        "features": VERSION,
        "normaliser": NORMALISER,
        "seed": SEED,
        "heads": {name: head(name, examples, matrix, arguments.out) for name in HEADS},
    }
    (arguments.out / "model.json").write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
