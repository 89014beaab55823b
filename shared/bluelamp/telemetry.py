"""Logs and figures of every function: Powertools, set up once. No text of a post, no name and no token goes in.

So an error is told by what it is and where it rose, never in its own words: those of pydantic quote what was sent,
those of a platform quote whatever it likes, and ours name officers.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from pydantic import ValidationError

# An endless recursion would else be a line larger than CloudWatch takes.
MAX_PLACES = 30

# Service name, level and namespace come from the POWERTOOLS_* variables of the template.
logger = Logger(use_rfc3339=True, utc=True)
metrics = Metrics()


def described(error: BaseException) -> dict[str, Any]:
    """Return what a log says of an error: class, code, causes and place; of pydantic's the wrong fields too."""
    chain = [error]
    while (cause := chain[-1].__cause__) is not None and cause not in chain:
        chain.append(cause)
    invalid = next((link for link in chain if isinstance(link, ValidationError)), None)
    frames = traceback.extract_tb(error.__traceback__, limit=-MAX_PLACES)
    return {
        "error": type(error).__name__,
        "code": next(filter(None, map(_code, chain)), None),
        "causes": [type(link).__name__ for link in chain[1:]],
        "said": _wrong_fields(invalid) if invalid else None,
        "places": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def tell_failure(error: BaseException, what: str = "failed", **about: str) -> None:
    """Log an error and count it; an alarm watches ``RecordsFailed``.

    Parameters
    ----------
    what
        What failed, in fixed words.
    **about
        Ids that help to find it again: of the message, the account.
    """
    logger.error(what, extra=about | described(error))
    metrics.add_metric("RecordsFailed", MetricUnit.Count, 1)


@contextmanager
def failures_told(**about: str) -> Iterator[None]:
    """Tell of an error that leaves the block or the decorated function, and let it go on.

    The batch processor swallows the error of a record, and a scheduled function has nobody who would read it.
    """
    try:
        yield
    except Exception as error:
        tell_failure(error, **about)
        raise


def _wrong_fields(error: ValidationError) -> str:
    return "; ".join(f"{e['loc']}: {e['type']}" for e in error.errors(include_input=False, include_context=False))


def _code(error: BaseException) -> str | None:
    """Return the stable code of an error of ours, or that of an AWS answer."""
    code = getattr(error, "code", None)
    answer = getattr(error, "response", None)
    if code is None and isinstance(answer, Mapping):
        code = answer.get("Error", {}).get("Code")
    return code if isinstance(code, str) else None
