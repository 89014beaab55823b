"""Makes the answer of a case as a file: what was approved and nothing else, as a BagIt bag in a zip.

The export's own bag cannot carry it: that one holds records and contents as sealed, which prove what a case export is
there to prove and which would tell what is redacted here. The writer of bags is the same.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bluelamp.audit.leaf import Actor, Obj, Op, draft
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.content.model import ContentBrokenError, ContentGoneError
from bluelamp.errors import NotFoundError
from bluelamp.exports.bag import BagWriter, zipped
from bluelamp.exports.disclosure import Schedule
from bluelamp.exports.report import escaped
from bluelamp.exports.rules import KEPT
from bluelamp.rights.errors import NotReviewedError
from bluelamp.rights.law import EXEMPTIONS
from bluelamp.rights.model import (
    Case,
    Outgoing,
)
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.cloud.files import Files
    from bluelamp.content.vault import Vault
    from bluelamp.posts.dossier import Dossiers
    from bluelamp.rights.casefiles import CaseFiles, Posts
    from bluelamp.rights.outgoing import Compiled, Compiler

# How long a link works. It works for whoever has it, so it is short.
LINK: Final = timedelta(minutes=10)
GROUNDS: Final = {"third_party": "about somebody else"}
_ENDINGS: Final = {"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp",
                   "video/mp4": ".mp4"}  # fmt: skip
_ACTOR = Actor.system("export")
_HEAD = (
    '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self'\">\n"
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
)
_README = """\
WHAT THIS IS

The answer to a request for information that the force holds from social media.

  answer.html            what is disclosed, to be read in a browser; it fetches nothing
  answer.json            the same for machines
  schedule.csv, .json    what was searched for, how much was found, and why something is not here
  media/                 pictures and other attachments, where they are part of the answer

Parts that are blacked out were taken out of the text; they are not in any of these files. To check that the files are
those that were handed over:  sha256sum -c manifest-sha256.txt
"""


def package_name(case_id: str) -> str:
    """Return the name of the answer's folder, and of the zip file that holds it."""
    return f"bluelamp-answer-{case_id}"


def package_key(case_id: str) -> str:
    """Return the key of the answer in the export bucket."""
    return f"exports/{package_name(case_id)}.zip"


class Packing:
    """The use case of the export function that makes answers.

    Parameters
    ----------
    case_files
        Commits changes of cases.
    compiler
        Makes answers from posts and rulings.
    posts, dossiers, vault
        Read posts, and the attachments that were kept of them.
    files
        Where the file goes.
    force
        The force, as people write it.
    scratch
        The folder that it is written in.
    """

    def __init__(
        self,
        case_files: CaseFiles,
        *,
        compiler: Compiler,
        posts: Posts,
        dossiers: Dossiers,
        vault: Callable[[], Vault],
        files: Files,
        force: str,
        scratch: Path | None = None,
    ) -> None:
        self._work = case_files
        self._compiler = compiler
        self._posts = posts
        self._dossiers = dossiers
        self._vault = vault
        self._files = files
        self._force = force
        self._scratch = scratch

    def run(self, case_id: str) -> Case:
        """Make the answer of an approved case; one that was made is not made again.

        What changed since the approval makes no answer: the case says so, and is reopened and decided anew.

        Raises
        ------
        NotFoundError
            When there is no such case.
        ConflictError
            When the case changed meanwhile; to begin anew is harmless.
        """
        case = self._work.store.case(case_id)
        if case is None:
            raise NotFoundError(f"there is no rights case {case_id}")
        if case.state != "approved" or case.package is None or case.package.state != "waiting":
            return case
        try:
            found = self._compiler.compiled(case)
        except NotReviewedError as error:
            return self._ended(case, {"state": "failed", "error": error.code})
        if found.version != case.version:
            return self._ended(case, {"state": "failed", "error": "changed"})
        with tempfile.TemporaryDirectory(dir=self._scratch, prefix="bluelamp-answer-") as folder:
            root = Path(folder) / package_name(case.id)
            self._fill(case, found, root)
            stored = self._files.write(package_key(case.id), zipped(root), content_type="application/zip")
        expires = iso(self._work.clock() + KEPT)
        made = {"state": "made", "sha256": stored.sha256, "size": stored.size, "expires_at": expires}
        return self._ended(case, made, found)

    def _ended(self, case: Case, changes: dict[str, Any], found: Compiled | None = None) -> Case:
        if case.package is None:
            return case
        new = case.model_copy(update={"package": case.package.model_copy(update=changes)})
        if found is None:
            return self._work.commit(case, new, _ACTOR, step="package_failed")
        leaf = draft(
            type="export",
            at=self._work.clock(),
            actor=_ACTOR,
            case=case.id,
            obj=Obj(kind="rights", key=case.id, digest=changes["sha256"]),
            reason=LeafReason(code=case.kind, ref=case.ref),
            op=Op(verb="make"),
            correlation=case.id,
        )
        tally = {"disclosed": len(found.posts), **found.verdicts}
        return self._work.commit(case, new, _ACTOR, step="made", more={"tally": tally}, beside=[leaf])

    def _fill(self, case: Case, found: Compiled, root: Path) -> None:
        bag = BagWriter(root)
        bag.write("README.txt", _README.encode())
        media = {
            out.number: self._media(bag, out, source) for out, source in zip(found.posts, found.sources, strict=True)
        }
        posts = [out.model_dump(mode="json") | {"files": media[out.number]} for out in found.posts]
        told = {"format": "bluelamp-answer/1", "force": self._force, "ref": case.ref, "kind": case.kind, "posts": posts}
        bag.write("answer.json", json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace"))
        with bag.stream("answer.html") as page:
            page.write(html(case, found, self._force, media))
        listed = schedule(case, found, self._force)
        bag.write("schedule.json", listed.as_json())
        bag.write("schedule.csv", listed.as_csv())
        bag.seal(
            {
                "Source-Organization": self._force,
                "External-Identifier": case.id,
                "External-Description": f"Answer, {case.kind}, {case.ref}",
                "Bagging-Date": iso(self._work.clock())[:10],
            }
        )

    def _media(self, bag: BagWriter, out: Outgoing, source: str) -> list[str]:
        """Write the attachments of a post that go out, as far as they were kept and can be opened still."""
        if not out.media:
            return []
        post = self._posts.get(source, consistent=True)
        names: list[str] = []
        for kind, content in self._dossiers.media_now(post) if post else ():
            try:
                body = self._vault().open(post.account if post else "", content)
            except (ContentGoneError, ContentBrokenError):
                continue  # disposed of, or broken: an answer has what there is
            names.append(f"media/{out.number}-{len(names) + 1}{_ENDINGS.get(kind, '.bin')}")
            bag.write(names[-1], body)
        return names


def why(case: Case, code: str) -> str:
    """Return a ground or an exemption in words."""
    return GROUNDS.get(code) or EXEMPTIONS[case.law].get(code, code)


def html(case: Case, found: Compiled, force: str, media: dict[int, list[str]]) -> str:
    """Return the answer as one page without script or style, every word of the public escaped."""
    title = f"{escaped(force)}: answer to request {escaped(case.ref)}"
    said = [f"{_HEAD}<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n"]
    said.append("<p>Parts in black blocks were taken out; the reasons stand below each post and in the schedule.</p>\n")
    for out in found.posts:
        who = f", by {escaped(out.author)}" if out.author else ""
        way = "to the force" if out.direction == "in" else "by the force"
        said.append(f"<article>\n<h2>{out.number}. {escaped(out.at)}, {escaped(out.account)}, {way}{who}</h2>\n")
        said.append(f'<blockquote dir="auto"><pre>{escaped(out.text)}</pre></blockquote>\n')
        if out.redacted:
            said.append(f"<p>Taken out: {escaped('; '.join(why(case, code) for code in out.redacted))}.</p>\n")
        if out.media_withheld:
            said.append(f"<p>{out.media_withheld} attachments are not part of this answer.</p>\n")
        said += [f'<p><a href="{escaped(name)}">{escaped(name)}</a></p>\n' for name in media[out.number]]
        said.append("</article>\n")
    return "".join([*said, "</body>\n</html>\n"])


def schedule(case: Case, found: Compiled, force: str) -> Schedule:
    """Return the schedule: what was searched for, how much was found, and why something is not in the answer."""
    facts = [("Force", force), ("Reference", case.ref), ("Request", case.kind), ("Received", case.received_on)]
    for number, one in enumerate(case.searches, 1):
        wanted = one.criteria
        period = f"{wanted.since} to {wanted.until}"
        what = [f"account {wanted.account}"] * bool(wanted.account) + ["one thread"] * bool(wanted.thread)
        what += ["one author"] * bool(wanted.author or wanted.author_id) + ["one handle"] * bool(wanted.handle)
        # Never what the words were: who is named by them may be somebody else, and nobody has approved their going out.
        what += [f"{len(wanted.words)} search terms"] * bool(wanted.words)
        facts.append((f"Search {number}", f"{period}: {', '.join(what)}; {one.examined} looked at, {one.found} found"))
    counts = {f"posts: {verdict.replace('_', ' ')}": n for verdict, n in found.verdicts.items()}
    counts |= {f"withheld: {why(case, code)}": n for code, n in found.withheld.items()}
    counts |= {f"parts taken out: {why(case, code)}": n for code, n in found.redactions.items()}
    return Schedule(facts=facts, counts={"posts in this answer": len(found.posts), **counts})
