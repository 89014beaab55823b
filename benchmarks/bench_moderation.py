"""Prints what moderation costs and how well the scorer does: `python benchmarks/bench_moderation.py [--data DIR]`.

Time is CPU time, and beside it stands the count of bytecode instructions, which does not depend on the machine. With
DIR (the sets that docs/model-card.md lists) the figures of the held-out splits are counted anew, by the code that
serves; without it those are shown that were written into the model when it was trained.
"""

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "shared"), str(ROOT / "benchmarks")]

from figures import auc  # noqa: E402

from bluelamp.moderation import rules  # noqa: E402
from bluelamp.moderation.model import Subject  # noqa: E402
from bluelamp.moderation.normalise import normalise  # noqa: E402
from bluelamp.moderation.ruleset import load_ruleset  # noqa: E402
from bluelamp.moderation.scorer import HEADS, MODEL, load_scorer  # noqa: E402

SEED = 20261122
AT = datetime(2026, 11, 22, tzinfo=UTC)
POSTS = (
    "Thanks to the officers who came out last night",
    (
        "I cannot believe that nobody has come out yet, it's been three hours since I called 101 and the car's still "
        "blocking the road outside the school. Please can someone ring me back? Thanks"
    ),
    "My van was broken into on Mill Lane last night, reg AB12 CDE, can you ring me on 07700 900123?",
    "You are a w@nker and I hope you lose your job",
    "Has anyone seen a ginger cat near the canal? Answers to Biscuit, very shy, chipped.",
)


def cpu_ms(run: Callable[[], object], rounds: int) -> float:
    """CPU milliseconds a call, the best of five."""
    best = float("inf")
    for _ in range(5):
        gc.collect()
        began = time.process_time()
        for _ in range(rounds):
            run()
        best = min(best, (time.process_time() - began) / rounds * 1000)
    return best


def instructions(run: Callable[[], object]) -> int:
    """Bytecode instructions of one call, caches warm."""
    count = 0

    def trace(frame, event, _argument):  # noqa: ANN001, ANN202 - the interpreter's own hook
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    run()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(None)
    return count


def measure() -> list[tuple[str, str, str]]:
    """Return the cost of loading and of a post, each with its target."""
    subjects = [Subject(text=text, platform="x", kind="reply", private=False, at=AT) for text in POSTS]
    scorer = load_scorer()
    texts = [normalise(text) for text in POSTS]
    rows = (
        ("load the rules, ms", cpu_ms(load_ruleset, 3), ""),
        ("load the scorer, ms", cpu_ms(load_scorer, 10), "≤ 14"),
        ("normalise, ms a post", cpu_ms(lambda: [normalise(t) for t in POSTS], 100) / len(POSTS), ""),
        ("score, ms a post", cpu_ms(lambda: [scorer.score(t) for t in texts], 100) / len(POSTS), "≤ 0.28"),
        ("judge, ms a post", cpu_ms(lambda: [rules.judge(s) for s in subjects], 50) / len(POSTS), "≤ 1"),
    )
    counted = sum(instructions(lambda s=subject: rules.judge(s)) for subject in subjects) // len(POSTS)
    return [
        *((what, f"{figure:.3f}", target) for what, figure, target in rows),
        ("judge, bytecode instructions a post", f"{counted:,}", ""),
    ]


def cost() -> None:
    """Print the cost of loading and of a post."""
    for what, figure, target in measure():
        print(f"{what:40}{figure:>10}{target:>10}")


def written_figures() -> None:
    """Print the held-out figures that stand in the model."""
    for name, head in json.loads((MODEL / "model.json").read_text(encoding="utf-8"))["heads"].items():
        for source, figure in head["held_out"].items():
            if source == "desk":  # our own sentences are too alike to count
                continue
            print(f"{name:8}{source:12}n={figure['n']:<6}positive={figure['positive']:<6}AUC {figure['auc']:.3f}")


def counted_figures(directory: Path) -> None:
    """Count the held-out figures by the code that serves."""
    from scorer_data import load  # noqa: PLC0415 - needed only with the data

    scorer = load_scorer()
    rows: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for example in load(directory, SEED):
        if example.held_out and example.source != "desk":
            values = {score.head: score.value_permille or 0 for score in scorer.score(normalise(example.text))}
            for head, (label, _) in example.labels.items():
                for source in ("all", example.source):
                    rows.setdefault((head, source), []).append((label, values[head]))
    for head in HEADS:
        for (name, source), seen in rows.items():
            truth, scores = [label for label, _ in seen], [value for _, value in seen]
            if name == head and 0 < sum(truth) < len(truth):
                print(f"{name:8}{source:12}n={len(truth):<6}positive={sum(truth):<6}AUC {auc(truth, scores):.3f}")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the labelled sets")
    arguments = parser.parse_args()
    cost()
    if arguments.data:
        counted_figures(arguments.data)
    else:
        written_figures()


if __name__ == "__main__":
    main()
