"""The register taken out as a CSV file and brought back: tried first, told line by line, written each account whole.

An import that was cut off is run again with the same file: what it had written is found unchanged, the rest follows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from bluelamp.accounts.csvfile import export, parse
from bluelamp.accounts.importing import Known, Plan, plan
from bluelamp.accounts.registering import Author, Registrar
from bluelamp.audit.leaf import Query, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.people.rules import require
from bluelamp.tabular.importing import ImportReport
from bluelamp.tabular.reading import Finding

if TYPE_CHECKING:
    from bluelamp.accounts.store import AccountStore
    from bluelamp.people.model import Principal
    from bluelamp.people.service import People


class AccountFiles:
    """Imports and exports of the register.

    Parameters
    ----------
    store
        Where accounts are kept.
    registrar
        Writes them.
    people
        Knows who leads and who deputises, by address.
    platforms
        The platforms that there are.
    wake
        Wakes the sequencer.
    """

    def __init__(
        self,
        store: AccountStore,
        *,
        registrar: Registrar,
        people: People,
        platforms: Collection[str],
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._registrar = registrar
        self._people = people
        self._platforms = platforms
        self._wake = wake

    def import_for(
        self, principal: Principal, text: str, *, dry_run: bool, keep_going: bool, new_teams: bool
    ) -> ImportReport:
        """Import a file for an administrator; see `import_file`.

        Raises
        ------
        NotPermittedError
            When the person may not change the register.
        """
        require(principal, "register")
        raw = text.encode("utf-8", "surrogatepass")  # half a character is told as what it is: no UTF-8
        return self.import_file(raw, Author.of(principal), dry_run=dry_run, keep_going=keep_going, new_teams=new_teams)

    def import_file(
        self, raw: bytes, author: Author, *, dry_run: bool, keep_going: bool = False, new_teams: bool = False
    ) -> ImportReport:
        """Bring the register to what a file says; accounts that are not in it stay as they are.

        Each account that is written is recorded; a trial, and a file that changes nothing, is recorded as a search.

        Parameters
        ----------
        dry_run
            Tell what would happen and write nothing.
        keep_going
            Write the good lines though there are bad ones; otherwise one bad line keeps the whole file out.
        new_teams
            Take teams that nobody and no account belongs to.

        Raises
        ------
        TooLargeError, TableError
            When the file as a whole cannot be read.
        """
        lines = parse(raw, self._platforms)
        known = Known.of(self._store.all(), self._people.everybody())
        made = plan(lines.good, known, by=author.officer, at=self._registrar.clock(), new_teams=new_teams)
        made.findings += lines.findings
        if dry_run or not made.steps or (made.findings and not keep_going):
            self._looked(author, "accounts_import", len(lines.good))
            return made.report(applied=not dry_run and not made.findings)
        self._write(made, author)
        return made.report(applied=True)

    def _write(self, made: Plan, author: Author) -> None:
        failed = self._registrar.write_many(made.steps, author)
        made.steps = [step for step in made.steps if step.new.id not in failed]
        made.findings += [Finding(made.lines[one], "", str(error)) for one, error in failed.items()]
        self._wake()

    def export_for(self, principal: Principal) -> str:
        """Return the whole register as a file for an administrator; see `export_file`.

        Raises
        ------
        NotPermittedError
            When the person may not change the register.
        """
        require(principal, "register")
        return self.export_file(Author.of(principal))

    def export_file(self, author: Author) -> str:
        """Return the whole register as a file. Recorded as an export: addresses of officers leave the system."""
        accounts = list(self._store.all())
        addresses = {p.id: p.email for p in self._people.everybody() if p.email}
        query = Query(view="accounts", hits=len(accounts))
        leaf = draft(type="export", at=self._registrar.clock(), actor=author.actor, query=query)
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()
        return export(accounts, addresses)

    def _looked(self, author: Author, view: str, hits: int) -> None:
        leaf = draft(type="search", at=self._registrar.clock(), actor=author.actor, query=Query(view=view, hits=hits))
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()
