"""The people of the demonstration force in the embedded Cognito: passwords, and one-time codes where they apply."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bluelamp.cli.local.force import people
from bluelamp.cli.local.front_signin import one_time_code

if TYPE_CHECKING:
    from bluelamp.cli.local.force import DemoPerson
    from bluelamp.cli.local.state import StateFolder
    from bluelamp.cloud.sign_ins import SignIns

# fmt: off
WORDS = (
    "amber", "anchor", "autumn", "badger", "barley", "beacon", "birch", "bramble", "bridge", "candle", "canyon",
    "cedar", "chalk", "cherry", "clover", "cobalt", "copper", "coral", "cotton", "cricket", "dahlia", "drift",
    "ember", "falcon", "feather", "fennel", "forest", "garnet", "ginger", "granite", "harbour", "hazel",
    "heron", "indigo", "island", "ivory", "jasper", "juniper", "kettle", "lantern", "lemon", "linden", "maple",
    "marble", "meadow", "mellow", "mirror", "mosaic", "nutmeg", "ocean", "olive", "orchard", "otter", "pebble",
    "pepper", "pigeon", "plover", "poplar", "quartz", "quiver", "raven", "ribbon", "river", "saffron", "saddle",
    "scarlet", "shadow", "silver", "sparrow", "spindle", "summer", "tangle", "thistle", "timber", "topaz",
    "trellis", "tulip", "umber", "valley", "velvet", "violet", "walnut", "willow", "winter", "yarrow",
)
# fmt: on

ENROLMENT_CLIENT = "bluelamp-local-enrolment"


def password() -> str:
    """Return a password that a person can type: five words (33 bits) and two digits; the force is invented anyway."""
    return "-".join(secrets.choice(WORDS) for _ in range(5)) + f"-{secrets.randbelow(90) + 10}"


def load(sign_ins: SignIns, persons: Iterable[DemoPerson], state: StateFolder) -> dict[str, str]:
    """Make the sign-ins that are not there and return each person's subject, by address.

    Passwords and secrets of one-time codes are kept in `state`, so that they stay the same.
    """
    subjects = sign_ins.subjects()
    kept = state.remembered.users
    enrolling: list[DemoPerson] = []
    for person in persons:
        sign_in = kept.setdefault(person.email, {"username": person.email, "role": person.role, "password": password()})
        if person.email not in subjects:
            state.save()
            subjects[person.email] = sign_ins.create(person.email, person.name, password=sign_in["password"])
            sign_in.pop("totp_secret", None)
        if person.second_factor and "totp_secret" not in sign_in:
            enrolling.append(person)
    if enrolling:
        _enrol(sign_ins.client, sign_ins.pool, enrolling, state)
    state.save()
    return subjects


def by_role(state: StateFolder) -> dict[str, dict[str, str]]:
    """Return one sign-in for each role: the first of the force's list."""
    found: dict[str, dict[str, str]] = {}
    for person in people():
        sign_in = state.remembered.users[person.email]
        found.setdefault(person.role, {name: value for name, value in sign_in.items() if name != "role"})
    return found


def second_factors(state: StateFolder) -> dict[str, str]:
    """Return the secrets of one-time codes, by username."""
    users = state.remembered.users.values()
    return {user["username"]: user["totp_secret"] for user in users if "totp_secret" in user}


def _enrol(cognito: Any, pool: str, persons: Iterable[DemoPerson], state: StateFolder) -> None:
    """Set one-time codes up for these people, as each of them would by scanning the code at their first sign-in."""
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName=ENROLMENT_CLIENT,
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    try:
        for person in persons:
            sign_in = state.remembered.users[person.email]
            token = cognito.admin_initiate_auth(
                UserPoolId=pool,
                ClientId=client,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": person.email, "PASSWORD": sign_in["password"]},
            )["AuthenticationResult"]["AccessToken"]
            secret = cognito.associate_software_token(AccessToken=token)["SecretCode"]
            code = one_time_code(secret, time.time())
            cognito.verify_software_token(AccessToken=token, UserCode=code)
            cognito.set_user_mfa_preference(
                AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
            )
            sign_in["totp_secret"] = secret
            state.save()
    finally:
        cognito.delete_user_pool_client(UserPoolId=pool, ClientId=client)
