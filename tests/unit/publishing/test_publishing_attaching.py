"""Pictures and films that publications come to carry: marked in the same transaction, and never one that is deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bluelamp.assets.carrying import carry
from bluelamp.assets.store import AssetStore
from bluelamp.errors import ConflictError
from bluelamp.ids import new_ulid
from bluelamp.publishing.model import Attached, DraftFields
from tests.support.killing import killed
from tests.support.press import Press
from tests.support.world import World, idem, principal

PAT = principal()


def made():
    world = World()
    world.account("1", "swindale")
    return Press(world)


@pytest.fixture
def press():
    return made()


def pictures(count):
    return tuple(Attached(id=new_ulid(), alt="A car") for _ in range(count))


def draft(press, assets):
    fields = DraftFields(text="Hello", accounts=("facebook-1",), assets=assets)
    return press.publishing.draft(PAT, fields, idem=idem())


def save(press, view, assets):
    fields = DraftFields(text="More", accounts=("facebook-1",), assets=assets)
    return press.publishing.save(PAT, view.id, fields, rev=view.rev, idem=idem())


def kept(press, assets):
    store = AssetStore(press.world.table)
    return [store.carried(one.id) for one in assets]


def test_what_a_draft_carries_is_kept_from_its_first_save_on_also_once_it_is_taken_away(press):
    assets = pictures(3)
    view = draft(press, assets[:1])
    assert kept(press, assets) == [True, False, False]
    view = save(press, view, assets[:2])
    assert kept(press, assets) == [True, True, False]
    save(press, view, (assets[1], assets[1]))
    assert kept(press, assets) == [True, True, False]


def test_what_is_added_to_what_was_submitted_is_kept(press):
    (asset,) = pictures(1)
    view = draft(press, ())
    later = press.world.clock() + timedelta(days=2)
    fields = {"text": "Hello", "accounts": ("facebook-1",), "schedule": {"at": f"{later:%Y-%m-%dT%H:%M}"}}
    view = press.publishing.save(PAT, view.id, DraftFields(**fields), rev=view.rev, idem=idem())
    view = press.publishing.submit(PAT, view.id, rev=view.rev, idem=idem())
    assert view.state == "scheduled"
    save(press, view, (asset,))
    assert kept(press, [asset]) == [True]


def test_what_is_deleted_at_this_moment_is_not_carried(press):
    (asset,) = pictures(1)
    press.world.table.write(AssetStore.put_expired(asset.id, press.world.clock()))
    with pytest.raises(ConflictError):
        draft(press, (asset,))
    view = draft(press, ())
    with pytest.raises(ConflictError):
        save(press, view, (asset,))
    assert press.store.get(view.id).fields.assets == ()


@pytest.mark.parametrize("side", ["before", "after"])
def test_whoever_dies_no_draft_carries_what_is_not_marked(side):
    def scene():
        press = made()
        world = press.world
        world.press, world.picture = press, pictures(1)
        return world, lambda: draft(press, world.picture)

    deaths = 0
    for world, died in killed(side, scene):
        deaths += died
        drafts = [item for (pk, sk), item in world.table.items.items() if sk == "PUBLICATION"]
        assert kept(world.press, world.picture) == [bool(drafts)]
    assert deaths


def test_a_mark_is_made_once_for_what_is_named_twice(press):
    (asset,) = pictures(1)
    assert len(carry([asset.id, asset.id], press.world.clock())) == 1
