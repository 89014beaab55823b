"""The daily check: done in one press after having looked, today's list, and the report of a month."""

from pydantic import ConfigDict, Field

from bluelamp.checks.model import CheckMonth, CheckView, Today
from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.model import Principal
from contract import Resource
from parts import parts

resource = Resource(__name__)


class CheckBody(Model):
    """The proof of having looked: `looked` of the account's open queue."""

    model_config = ConfigDict(extra="forbid", strict=True)

    looked: str = Field(min_length=1, max_length=1024)


class MonthQuery(Model):
    """Which month, like ``2026-11``; left out, the present one."""

    model_config = ConfigDict(extra="forbid")

    month: str | None = Field(default=None, max_length=7)


@resource.route("/checks")
def list_checks(principal: Principal) -> Today:
    """List today's check of every active account within reach; the reading is recorded."""
    return parts().checks.today(principal)


@resource.route("/accounts/{account_id}/checks")
def show_month(principal: Principal, account_id: str, query: MonthQuery) -> CheckMonth:
    """Show the checks of one account in a month; the reading is recorded."""
    return parts().checks.month(principal, account_id, query.month)


@resource.route("/accounts/{account_id}/check", methods=["POST"])
def check_account(principal: Principal, account_id: str, body: CheckBody, idem: Idempotency) -> CheckView:
    """Say that the account was looked at today."""
    return parts().checks.attest(principal, account_id, looked=body.looked, idem=idem)
