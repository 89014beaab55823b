"""Who signs in, as the template says it: one-time codes, no self sign-up, and the force's own provider if named."""

from __future__ import annotations

from typing import Any

import pytest

from bluelamp.people.tokens import GROUPS
from tests.contract.infra_template import as_list, functions, granted, load, resources

POOL = "AWS::Cognito::UserPool"
PROVIDER = "AWS::Cognito::UserPoolIdentityProvider"
CLIENT = "AWS::Cognito::UserPoolClient"
NONE = {"Ref": "AWS::NoValue"}
OIDC = {"EntraOidcIssuer": "https://login.microsoftonline.com/t/v2.0"}
SAML = {"SamlMetadataUrl": "https://login.microsoftonline.com/t/federationmetadata/2007-06/federationmetadata.xml"}


def only(kind: str) -> dict[str, Any]:
    (found,) = resources(kind, "identity.yaml").values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def holds(condition: Any, given: dict[str, str], conditions: dict[str, Any]) -> bool:
    """Evaluate a condition of a template, with parameters that are empty unless given."""
    ((what, arguments),) = condition.items()
    if what == "Condition":
        return holds(conditions[arguments], given, conditions)
    if what == "Fn::Equals":
        left, right = (given.get(one["Ref"], "") if isinstance(one, dict) else one for one in arguments)
        return bool(left == right)
    each = [holds(one, given, conditions) for one in arguments]
    return {"Fn::Not": not each[0], "Fn::And": all(each), "Fn::Or": any(each)}[what]


def made(given: dict[str, str]) -> set[str]:
    conditions = load("identity.yaml")["Conditions"]
    return {
        one["Properties"]["ProviderName"]
        for one in resources(PROVIDER, "identity.yaml").values()
        if holds({"Condition": one["Condition"]}, given, conditions)
    }


def told(given: dict[str, str]) -> Any:
    """What the API is told of the provider."""
    conditions = load()["Conditions"]
    value = functions()["api"]["Environment"]["Variables"]["BLUELAMP_IDENTITY_PROVIDER"]
    while isinstance(value, dict):
        name, yes, no = value["Fn::If"]
        value = yes if holds({"Condition": name}, given, conditions) else no
    return value


def test_one_time_codes_are_demanded_of_everybody_unless_somebody_says_otherwise() -> None:
    pool = only(POOL)
    assert pool["MfaConfiguration"] == {"Ref": "SecondFactor"}
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert load()["Parameters"]["SecondFactor"]["Default"] == "ON"
    assert load("identity.yaml")["Parameters"]["SecondFactor"]["AllowedValues"] == ["ON", "OPTIONAL"]
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}


@pytest.mark.parametrize(
    ("given", "providers"),
    [({}, set()), (OIDC, {"EntraOIDC"}), (SAML, {"EntraSAML"}), (OIDC | SAML, {"EntraOIDC"})],
    ids=["none", "oidc", "saml", "both"],
)
def test_the_provider_that_is_named_is_made_and_the_api_is_told_of_it(
    given: dict[str, str], providers: set[str]
) -> None:
    assert made(given) == providers
    assert {told(given)} - {""} == providers


def test_the_client_offers_each_provider_under_its_condition_and_the_pool_always() -> None:
    offered = only(CLIENT)["SupportedIdentityProviders"]
    own, *others = offered
    assert own == "COGNITO"
    kinds = resources(PROVIDER, "identity.yaml")
    assert others == [{"Fn::If": [one["Condition"], {"Ref": name}, NONE]} for name, one in kinds.items()]


def test_groups_are_mapped_to_the_attribute_that_is_read() -> None:
    (attribute,) = only(POOL)["Schema"]
    assert f"custom:{attribute['Name']}" == GROUPS
    assert attribute["Mutable"] is True
    client = only(CLIENT)
    for one in resources(PROVIDER, "identity.yaml").values():
        mapping = one["Properties"]["AttributeMapping"]
        assert set(mapping) == {"email", "name", GROUPS}
        assert set(mapping) <= set(client["WriteAttributes"]) & set(client["ReadAttributes"])


def test_no_token_lets_its_owner_write_attributes() -> None:
    """Who may write their own groups could give themselves a role."""
    assert "aws.cognito.signin.user.admin" not in only(CLIENT)["AllowedOAuthScopes"]


def test_the_clients_secret_stands_in_no_template() -> None:
    details = resources(PROVIDER, "identity.yaml")["EntraOidc"]["Properties"]["ProviderDetails"]
    assert details["client_secret"] == {
        "Fn::Sub": "{{resolve:secretsmanager:${EntraOidcSecretArn}:SecretString:client_secret}}"
    }


def test_the_api_makes_sign_ins_of_its_own_pool_and_nothing_else_of_cognito() -> None:
    (found,) = (one for one in granted("api") if "cognito" in str(one["Action"]))
    assert set(as_list(found["Action"])) == {"cognito-idp:AdminGetUser", "cognito-idp:AdminCreateUser"}
    assert "Identity.Outputs.UserPoolId" in str(found["Resource"])
    others = [verb for verb in functions() if verb != "api" and "cognito" in str(granted(verb))]
    assert others == []
