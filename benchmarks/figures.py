"""Figures of merit that the benchmarks share, in plain Python."""

import math
from collections.abc import Iterable, Sequence

CUTS = (500, 700, 800, 900)


def auc(truth: Iterable[float], scores: Iterable[float]) -> float:
    """Area under the ROC curve: the chance that a positive scores above a negative, ties counting half."""
    ordered = sorted(zip(map(float, scores), map(bool, truth), strict=True))
    positives = sum(positive for _, positive in ordered)
    negatives = len(ordered) - positives
    rank_sum, place = 0.0, 0
    while place < len(ordered):
        end = place
        while end < len(ordered) and ordered[end][0] == ordered[place][0]:
            end += 1
        middle = (place + 1 + end) / 2
        rank_sum += middle * sum(positive for _, positive in ordered[place:end])
        place = end
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def at_threshold(truth: Sequence[float], logits: Sequence[float]) -> str:
    """Recall and false alarms at some thresholds in thousandths."""
    said = []
    for cut in CUTS:
        level = math.log(cut / (1000 - cut))
        hits = [bool(label) for label, logit in zip(truth, logits, strict=True) if logit >= level]
        positives = sum(map(bool, truth))
        negatives = len(truth) - positives
        recall = sum(hits) / positives if positives else float("nan")
        alarms = (len(hits) - sum(hits)) / negatives if negatives else float("nan")
        said.append(f"{cut}: {recall:.2f}/{alarms:.3f}")
    return "  ".join(said)
