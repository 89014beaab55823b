"""The verifier by itself: ``python verify.pyz FOLDER``, for an archive or an exported bag, offline.

It is what `standalone.build` packs: these modules, Python 3.11 or newer, and `cryptography`. No network is used and
nothing is written.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bluelamp.audit.anchorcheck import Trust
from bluelamp.audit.bagcheck import check_bag, is_bag
from bluelamp.audit.note import NoteError, VerifierKey
from bluelamp.audit.timestamps import MalformedTokenError
from bluelamp.audit.verify import Report, verify

_MAX_CHECKPOINT = 64 * 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a folder, print what was found, and return the exit code: 0 or 1, and 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="verify.pyz", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="a pulled archive, or an exported bag")
    parser.add_argument(
        "--key", action="append", default=[], metavar="VKEY", help="the log's key, from a source you trust"
    )
    parser.add_argument("--checkpoint", type=Path, help="a signed checkpoint of the log, got on another way")
    parser.add_argument(
        "--tsa-cert",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="certificates of a timestamp authority that you trust",
    )
    parser.add_argument(
        "--witness-key", action="append", default=[], metavar="VKEY", help="the key of a witness that you trust"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    given = parser.parse_args(arguments)
    try:
        keys = [VerifierKey.parse(key) for key in given.key]
        known = given.checkpoint.read_bytes()[: _MAX_CHECKPOINT + 1] if given.checkpoint else None
        trust = Trust.read([path.read_bytes() for path in given.tsa_cert], given.witness_key)
    except (NoteError, MalformedTokenError, OSError) as error:
        parser.error(str(error))
    if not given.folder.is_dir():
        parser.error(f"{given.folder} is no folder; unpack a zip first")
    check = check_bag if is_bag(given.folder) else verify
    report = check(given.folder, keys=keys, known=known, trust=trust)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # names may be anything
    print(json.dumps(report.as_json()) if given.json else told(report))  # noqa: T201 -- it is a command
    return exit_code(report)


def exit_code(report: Report) -> int:
    """Return 0 when all that is here is proven, 1 for a failure and when nothing was checked."""
    return 1 if report.failures or not report.logs else 0


def told(report: Report) -> str:
    """Return a report in words, the verdict last."""
    lines: list[str] = []
    for log in report.logs:
        until = f", sealed until {log.sealed_at}" if log.sealed_at else ""
        lines.append(f"{log.origin or log.year}: {log.records} records under {log.checkpoints} checkpoints{until}")
        lines.append(f"  {log.scope}")
        lines += [
            f"  key {key}{'' if report.pinned else '  (from what is checked itself; compare it)'}" for key in log.keys
        ]
    for title, findings in (("FAIL", report.failures), ("PENDING", report.pending), ("note", report.remarks)):
        lines += [f"{title:8}{finding}" for finding in findings]
    return "\n".join([*lines, report.anchor, report.verdict])
