"""The force's accounts, as far as the person reaches."""

from pydantic import BaseModel

from bluelamp.accounts.model import AccountView
from bluelamp.people.model import Principal
from contract import Resource
from parts import parts

resource = Resource(__name__)


class AccountList(BaseModel):
    """Accounts, by id."""

    accounts: list[AccountView]


@resource.route("/accounts")
def list_accounts(principal: Principal) -> AccountList:
    """List the accounts that the person reaches, with what each one's platform offers."""
    return AccountList(accounts=parts().accounts.list_for(principal))
