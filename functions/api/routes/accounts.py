"""The force's accounts, as far as the person reaches."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from bluelamp.accounts.model import AccountView
from bluelamp.completeness.model import CompletenessReport
from bluelamp.people.model import Principal
from contract import Resource
from parts import parts

resource = Resource(__name__)


class AccountList(BaseModel):
    """Accounts, by id."""

    accounts: list[AccountView]


class Days(BaseModel):
    """The first and the last day (UTC) that is asked for; left out, the last 30 days."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")


@resource.route("/accounts")
def list_accounts(principal: Principal) -> AccountList:
    """List the accounts that the person reaches, with what each one's platform offers."""
    return AccountList(accounts=parts().accounts.list_for(principal))


@resource.route("/accounts/{account_id}/completeness")
def report_completeness(principal: Principal, account_id: str, query: Days) -> CompletenessReport:
    """Show what was stated of an account's days: read without a break, or with which gaps. Asking is recorded."""
    return parts().completeness.report(principal, account_id, first=query.first, last=query.last)
