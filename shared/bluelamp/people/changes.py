"""What the record says of a change of a person: role and status from and to, of the rest that it changed."""

from __future__ import annotations

from bluelamp.audit.leaf import Change
from bluelamp.people.model import Person


def changes_between(old: Person | None, new: Person) -> list[Change]:
    """Return the changes from one state of a person to the next, or of somebody new; names and addresses never."""
    if old is None:
        first = [Change(field="role", to=new.role)]
        return first if new.status == "active" else [*first, Change(field="status", to=new.status)]
    found = [
        Change(field=name, from_=getattr(old, name), to=getattr(new, name))
        for name in ("role", "status")
        if getattr(old, name) != getattr(new, name)
    ]
    return found + [
        Change(field=name) for name in ("name", "email", "teams", "covers") if getattr(old, name) != getattr(new, name)
    ]
