"""Rights cases: those who work them, the function that searches and makes answers, and the reminders."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.wiring import base, desk, force, keeping

if TYPE_CHECKING:
    from bluelamp.posts.dossier import Dossiers
    from bluelamp.rights.answering import Answers
    from bluelamp.rights.casefiles import CaseFiles
    from bluelamp.rights.erasing import Erasures
    from bluelamp.rights.outgoing import Compiler
    from bluelamp.rights.packing import Packing
    from bluelamp.rights.reminding import Reminding
    from bluelamp.rights.reviewing import Review
    from bluelamp.rights.searching import Searching
    from bluelamp.rights.service import Cases

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def case_files() -> CaseFiles:
    """Return what commits changes of cases."""
    from bluelamp.rights.casefiles import CaseFiles
    from bluelamp.rights.store import RightsStore

    return CaseFiles(RightsStore(base.table()), queue=base.queue("EXPORT"), wake=base.wake())


@lru_cache(maxsize=1)
def dossiers() -> Dossiers:
    """Return what reads posts whole."""
    from bluelamp.posts.dossier import Dossiers

    return Dossiers(desk.post_store(), base.pseudonyms())


@lru_cache(maxsize=1)
def compiler() -> Compiler:
    """Return what makes answers from posts and rulings."""
    from bluelamp.rights.outgoing import Compiler

    return Compiler(case_files().store, posts=desk.post_store(), dossiers=dossiers())


@lru_cache(maxsize=1)
def rights_cases() -> Cases:
    """Return the use cases of whole cases."""
    from bluelamp.rights.service import Cases

    return Cases(
        case_files(),
        answers=rights_answers(),
        accounts=force.accounts(),
        pseudonyms=base.pseudonyms(),
        cursors=base.cursors(),
    )


@lru_cache(maxsize=1)
def rights_review() -> Review:
    """Return the use cases of what was found for a case."""
    from bluelamp.posts.correcting import Corrections
    from bluelamp.rights.reviewing import Review

    return Review(case_files(), changer=desk.changer(), dossiers=dossiers(), corrections=Corrections(desk.changer()))


@lru_cache(maxsize=1)
def rights_answers() -> Answers:
    """Return the use cases of a case's answer."""
    from bluelamp.rights.answering import Answers

    return Answers(case_files(), compiler=compiler(), files=desk.files())


@lru_cache(maxsize=1)
def rights_erasures() -> Erasures:
    """Return the use case that proposes what a case erases."""
    from bluelamp.rights.erasing import Erasures

    return Erasures(case_files(), posts=desk.post_store(), disposals=keeping.disposals())


@lru_cache(maxsize=1)
def rights_searching() -> Searching:
    """Return what searches for a case, in the export function."""
    from bluelamp.rights.searching import Searching

    return Searching(
        case_files(),
        posts=desk.post_store(),
        dossiers=dossiers(),
        pseudonyms=base.pseudonyms(),
        accounts=lambda: [account.id for account in force.accounts().all()],
    )


@lru_cache(maxsize=1)
def rights_packing() -> Packing:
    """Return what makes answers, in the export function."""
    from bluelamp.rights.packing import Packing

    return Packing(
        case_files(),
        compiler=compiler(),
        posts=desk.post_store(),
        dossiers=dossiers(),
        vault=base.vault,
        files=desk.files(),
        force=base.settings()["FORCE_NAME"] or base.settings()["FORCE"],
    )


@lru_cache(maxsize=1)
def rights_reminding() -> Reminding:
    """Return what tells people that cases are due."""
    from bluelamp.rights.reminding import Reminding
    from bluelamp.rights.store import RightsStore

    return Reminding(RightsStore(base.table()), wake=base.wake(), notify=base.notify_wake())
