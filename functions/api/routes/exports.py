"""Exports: a case asked for, made in the background, and fetched by a link that soon ends."""

from http import HTTPStatus

from pydantic import ConfigDict, Field

from bluelamp.audit.leaf import Ref
from bluelamp.exports.model import ExportPage, ExportView, Link, Purpose, Scope
from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.model import Principal
from contract import Resource
from parts import parts

resource = Resource(__name__)


class ExportBody(Model):
    """What is wanted, why, and the force's own reference for it."""

    model_config = ConfigDict(extra="forbid")

    scope: Scope
    purpose: Purpose
    ref: Ref


class ExportsQuery(Model):
    """Which part of the list."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(default=None, max_length=4096)
    limit: int = Field(default=50, ge=1, le=100)


class LinkBody(Model):
    """An empty object: the address says it all."""

    model_config = ConfigDict(extra="forbid")


@resource.route("/exports", methods=["POST"], status=HTTPStatus.ACCEPTED)
def create_export(principal: Principal, body: ExportBody, idem: Idempotency) -> ExportView:
    """Ask for a case as a bag; it is made in the background, and the request is recorded as a disclosure."""
    return parts().exports.create(principal, scope=body.scope, purpose=body.purpose, ref=body.ref, idem=idem)


@resource.route("/exports")
def list_exports(principal: Principal, query: ExportsQuery) -> ExportPage:
    """List the exports of the force, newest first; the reading is recorded."""
    return parts().exports.list_for(principal, cursor=query.cursor, limit=query.limit)


@resource.route("/exports/{export_id}")
def get_export(principal: Principal, export_id: str) -> ExportView:
    """Say how far an export is."""
    return parts().exports.get(principal, export_id)


@resource.route("/exports/{export_id}/link", methods=["POST"])
def make_link(principal: Principal, export_id: str, body: LinkBody) -> Link:
    """Make a link to the finished bag that works for ten minutes, for whoever has it; each one is recorded."""
    return parts().exports.link(principal, export_id)
