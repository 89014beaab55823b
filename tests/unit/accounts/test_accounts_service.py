import pytest

from bluelamp.accounts.model import Officer
from bluelamp.accounts.service import Accounts
from bluelamp.accounts.store import AccountStore
from bluelamp.audit.leaf import Actor
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.cloud.memory import MemoryTable
from bluelamp.errors import NotFoundError
from bluelamp.people.model import Person
from bluelamp.people.rules import principal_of
from bluelamp.platforms.registry import connector

BY = Actor.system("test")


def officer(role, teams=(), covers=()):
    return principal_of(Person(id="p", name="P", email="", role=role, teams=teams, covers=covers))


@pytest.fixture
def store():
    return AccountStore(MemoryTable())


@pytest.fixture
def accounts(store):
    made = Accounts(store, connector)
    for n, team in enumerate(["north", "north", "south", "west"]):
        made.add_account(
            platform="facebook", native_id=str(n), name=f"Page {n}", kind="neighbourhood", team=team, by=BY
        )
    return made


def ids(found):
    return [a.id for a in found]


def test_who_reaches_what(accounts):
    assert ids(accounts.reached_by(officer("comms"))) == ["facebook-0", "facebook-1", "facebook-2", "facebook-3"]
    assert ids(accounts.reached_by(officer("local", ["north"]))) == ["facebook-0", "facebook-1"]
    covering = officer("local", ["north"], ["facebook-1", "facebook-3", "facebook-gone"])
    assert ids(accounts.reached_by(covering)) == ["facebook-0", "facebook-1", "facebook-3"]
    assert ids(accounts.reached_by(officer("supervisor", ["south", "west"]))) == ["facebook-2", "facebook-3"]
    assert ids(accounts.reached_by(officer("local"))) == []


def test_get_for_hides_what_is_out_of_reach(accounts):
    assert accounts.get_for(officer("local", ["north"]), "facebook-0").team == "north"
    for wanted in ("facebook-2", "facebook-gone"):
        with pytest.raises(NotFoundError):
            accounts.get_for(officer("local", ["north"]), wanted)


def test_view(accounts):
    account = accounts.add_account(
        platform="x", native_id="9", name="Force", handle="wealdshire", kind="headquarters", team="comms",
        lead=Officer(id="a", name="Ann"), local_verbs=["delete"], by=BY,
    )  # fmt: skip
    view = accounts.view(account)
    assert (view.handle, view.lead, view.deputy, view.status) == (
        "wealdshire",
        Officer(id="a", name="Ann"),
        None,
        "active",
    )
    assert set(view.capabilities) == accounts.capabilities(account)
    assert "reply" in accounts.capabilities(account, "comment") | accounts.capabilities(account, "mention")
    assert accounts.get("x-9") == account


def test_many_and_one_read(accounts):
    assert set(accounts.many(["facebook-0", "facebook-0", "facebook-gone"])) == {"facebook-0"}
    assert accounts.many([]) == {}


def test_adding_twice_changes_nothing(accounts, store):
    before = dict(store.table.items)
    again = accounts.add_account(
        platform="facebook", native_id="0", name="Another", kind="community", team="west", by=BY
    )
    assert (again.name, again.team) == ("Page 0", "north")
    assert store.table.items == before


def test_store_replaces_the_revision_it_read(accounts, store):
    account = accounts.get("facebook-0").model_copy(update={"team": "west", "rev": 2})
    store.table.write(store.replace(account))
    assert ids(store.of_team("west")) == ["facebook-0", "facebook-3"]
    assert ids(store.of_team("north")) == ["facebook-1"]
    with pytest.raises(ConditionFailedError):
        store.table.write(store.replace(account))


def test_lists_longer_than_a_page(accounts, store):
    query = store.table.query
    store.table.query = lambda pk, **kw: query(pk, **kw | {"limit": 3})
    assert len(accounts.all()) == 4
