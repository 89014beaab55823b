"""The audit trail: searched in the sealed log itself, newest first, and proven record by record."""

from pydantic import ConfigDict, Field

from answers import ProvenRecord
from bluelamp.errors import NotFoundError
from bluelamp.people.model import Principal
from bluelamp.trail.model import Filters, TrailPage
from contract import Resource
from parts import parts

resource = Resource(__name__)


class AuditQuery(Filters):
    """Which records, and from where on."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(default=None, max_length=4096)
    limit: int = Field(default=50, ge=1, le=100)


@resource.route("/audit")
def search_audit(principal: Principal, query: AuditQuery) -> TrailPage:
    """Search the sealed log, newest first; the search is recorded."""
    filters = Filters(**query.model_dump(include=set(Filters.model_fields)))
    return parts().trail.search(principal, filters=filters, cursor=query.cursor, limit=query.limit)


@resource.route("/audit/{year}/{seq}")
def get_record(principal: Principal, year: str, seq: str) -> ProvenRecord:
    """Give one sealed record with what proves that it is in the signed log; the reading is recorded."""
    if not (year + seq).isdecimal() or len(year) != len("2026") or len(seq) > len("999999999999"):
        raise NotFoundError("there is no such record")
    record, proof = parts().trail.record(principal, int(year), int(seq))
    return ProvenRecord.of(record, proof)
