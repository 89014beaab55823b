"""Secrets arrive where the functions read them, are never shown, and each change names its field in the record."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.accounts.service import Accounts
from bluelamp.accounts.store import AccountStore
from bluelamp.audit.leaf import Actor
from bluelamp.cli.admin import secrets as module
from bluelamp.cli.admin.secrets import SecretBox, Slot, changed
from bluelamp.cloud.secrets import Secrets
from bluelamp.errors import InvalidInputError
from bluelamp.platforms.grants import AppSecrets
from bluelamp.platforms.registry import NAMES, connector
from bluelamp.platforms.secrets import account_token, platform_secrets

FACEBOOK = {"app_secret": "s3cret-one", "verify_token": "v3rify"}


def given_to(deployment, name, value, *more):
    return deployment.run("secret", "set", name, *more, stdin=json.dumps(value))


def as_received(deployment, platform="facebook"):
    """Return the platform's secrets as the receiving function reads them."""
    return platform_secrets(Secrets(deployment.client("secretsmanager")), "bluelamp/platform/", platform)


def test_a_platforms_secret_is_read_by_the_receiver(deployment):
    done = given_to(deployment, "platform/facebook", FACEBOOK)
    assert done.exit_code == 0, done.output
    assert as_received(deployment) == ("s3cret-one", "", "v3rify")
    leaves = deployment.leaves()
    assert [leaf["change"] for leaf in leaves] == [
        {"field": "app_secret", "to": "set"},
        {"field": "verify_token", "to": "set"},
    ]
    assert {(leaf["type"], leaf["obj"]["key"]) for leaf in leaves} == {("key", "platform/facebook")}


@pytest.mark.parametrize("platform", NAMES)
def test_every_platform_has_a_slot_that_its_receiver_reads(deployment, platform):
    slot = Slot.named(f"platform/{platform}")
    assert given_to(deployment, slot.name, dict.fromkeys(slot.fields, "value")).exit_code == 0
    assert as_received(deployment, platform).current == "value"


def test_an_accounts_token_is_read_by_its_connector(deployment):
    assert "there is no account x-7" in given_to(deployment, "account/x-7", {"access_token": "t0ken"}).output
    Accounts(AccountStore(deployment.table), connector).add_account(
        platform="x", native_id="7", name="Force", kind="headquarters", team="comms", by=Actor.system("test")
    )
    assert "missing" in deployment.run("secret", "list").output
    assert given_to(deployment, "account/x-7", {"access_token": "t0ken"}).exit_code == 0
    assert account_token(Secrets(deployment.client("secretsmanager")).get, "bluelamp/account/", "x-7") == "t0ken"
    assert deployment.leaves()[-1]["account"] == "x-7"
    (line,) = [line for line in deployment.run("secret", "list").output.splitlines() if "account/x-7" in line]
    assert " set " in line


def test_the_forces_app_is_read_by_who_connects(deployment):
    assert "needs client_secret" in given_to(deployment, "app/x", {"client_id": "desk"}).output
    assert given_to(deployment, "app/x", {"client_id": "desk", "client_secret": "s3cret"}).exit_code == 0
    app = AppSecrets(Secrets(deployment.client("secretsmanager")), "bluelamp/app/").of("x")
    assert (app.client_id, app.client_secret) == ("desk", "s3cret")
    assert [leaf["change"]["field"] for leaf in deployment.leaves()] == ["client_id", "client_secret"]


def test_a_rotation_overlaps_until_it_is_ended(deployment):
    given_to(deployment, "platform/facebook", FACEBOOK)
    assert given_to(deployment, "platform/facebook", {"app_secret": "s3cret-two"}).exit_code == 0
    assert as_received(deployment) == ("s3cret-two", "s3cret-one", "v3rify")
    assert deployment.run("secret", "retire", "platform/facebook").exit_code == 0
    assert as_received(deployment) == ("s3cret-two", "", "v3rify")
    assert deployment.leaves()[-1]["change"] == {"field": "previous_app_secret", "to": "removed"}
    assert deployment.run("secret", "retire", "platform/facebook").exit_code == 1


def test_a_secret_that_leaked_is_replaced_at_once(deployment):
    given_to(deployment, "platform/facebook", FACEBOOK)
    given_to(deployment, "platform/facebook", {"app_secret": "s3cret-two"})
    given_to(deployment, "platform/facebook", {"app_secret": "s3cret-three"}, "--at-once")
    assert as_received(deployment) == ("s3cret-three", "", "v3rify")


def test_the_same_again_changes_and_records_nothing(deployment):
    given_to(deployment, "platform/facebook", FACEBOOK)
    before = len(deployment.leaves())
    assert "is as it was" in given_to(deployment, "platform/facebook", FACEBOOK).output
    assert len(deployment.leaves()) == before


def test_a_terminal_is_asked_without_showing(deployment, monkeypatch):
    asked = iter(["s3cret-one", "v3rify"])
    monkeypatch.setattr(module, "sys", type("Terminal", (), {"stdin": type("In", (), {"isatty": lambda _: True})()}))
    hidden = []
    monkeypatch.setattr(module.click, "prompt", lambda *_, **how: (hidden.append(how["hide_input"]), next(asked))[1])
    done = deployment.run("secret", "set", "platform/facebook")
    assert done.exit_code == 0, done.output
    assert hidden == [True, True]
    assert as_received(deployment).current == "s3cret-one"


@pytest.mark.parametrize(
    ("name", "stdin", "why"),
    [
        ("platform/facebook", '{"app_secret": "s3cret-one"}', "needs verify_token"),
        ("platform/facebook", '{"app_secrets": "s3cret-one"}', "has no app_secrets"),
        ("platform/facebook", '{"app_secret": "s3cret\\n-one", "verify_token": "v"}', "holds a space"),
        ("platform/facebook", "s3cret-one", "no JSON object"),
        ("platform/x", '{"consumer_secret": ["s3cret-one"]}', "no JSON object of strings"),
        ("platform/orkut", "{}", "nothing reads a secret called"),
        ("account/", "{}", "nothing reads a secret called"),
        ("session", "{}", "nothing reads a secret called"),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_repeated(deployment, name, stdin, why):
    done = deployment.run("secret", "set", name, stdin=stdin)
    assert done.exit_code == 1
    assert why in done.output
    assert "s3cret" not in done.output
    assert deployment.leaves() == []


def test_no_value_is_shown_or_recorded(deployment):
    outputs = [given_to(deployment, "platform/facebook", FACEBOOK).output, deployment.run("secret", "list").output]
    outputs.append(given_to(deployment, "platform/facebook", {"app_secret": "s3cret-two"}).output)
    outputs.append(deployment.run("secret", "retire", "platform/facebook").output)
    shown = "".join(outputs) + json.dumps(deployment.leaves())
    assert "s3cret" not in shown
    assert "v3rify" not in shown


def test_that_it_may_not_have_been_stored_is_recorded(deployment, monkeypatch):
    def broken(*_):
        raise EndpointConnectionError(endpoint_url="https://secretsmanager")

    monkeypatch.setattr(SecretBox, "write", broken)
    assert given_to(deployment, "platform/x", {"consumer_secret": "s3cret"}).exit_code == 1
    first, last = deployment.leaves()
    assert first["change"] == {"field": "consumer_secret", "to": "set"}
    assert (last["op"]["intent"], last["op"]["result"]) == (first["id"], "unknown")


FIELDS = ("app_secret", "verify_token", "odd")
values = st.dictionaries(st.sampled_from(FIELDS), st.text("ab \n", max_size=3))


@given(present=st.fixed_dictionaries({"app_secret": st.just("old"), "verify_token": st.just("v")}), given=values)
def test_whatever_is_given_the_receiver_keeps_a_secret(present, given):
    slot = Slot.named("platform/facebook")
    try:
        fresh = changed(slot, present, given, overlap=True)
    except InvalidInputError:
        return
    after = {**present, **fresh}
    assert after["app_secret"]
    assert after["verify_token"]
    assert "old" in {after["app_secret"], after.get("previous_app_secret")}
    assert fresh.keys() <= {"app_secret", "verify_token", "previous_app_secret"}
