"""A restored table stands in for ours by a parameter: every name and every policy follows it, or none."""

from __future__ import annotations

import pytest

from tests.contract.infra_template import load, names_in, text

TABLES = {"Table": "RestoredTable", "KeyTable": "RestoredKeyTable"}


def resolved(node, *, swapped):
    """Return what CloudFormation makes of a node with `Fn::If`: the first branch when the table is swapped."""
    return node["Fn::If"][1 if swapped else 2]


@pytest.mark.parametrize("table", TABLES)
def test_name_and_arn_are_both_of_the_table_that_is_used(table):
    outputs, parameter = load("data.yaml")["Outputs"], TABLES[table]
    conditions = {outputs[f"{table}{part}"]["Value"]["Fn::If"][0] for part in ("Name", "Arn")}
    assert len(conditions) == 1
    condition = load("data.yaml")["Conditions"][conditions.pop()]
    assert condition == {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]}
    for swapped, wanted in ((True, parameter), (False, table)):
        assert resolved(outputs[f"{table}Name"]["Value"], swapped=swapped) == {"Ref": wanted}
        arn = resolved(outputs[f"{table}Arn"]["Value"], swapped=swapped)["Fn::Sub"]
        assert arn.endswith(f":table/${{{wanted}}}")


@pytest.mark.parametrize("table", TABLES)
def test_it_is_empty_unless_somebody_sets_it(table):
    parameter = TABLES[table]
    assert load()["Parameters"][parameter]["Default"] == ""
    assert load()["Resources"]["Data"]["Properties"]["Parameters"][parameter] == {"Ref": parameter}


def test_nothing_else_names_a_table():
    # Whatever a role or a function knows of the tables it knows by these outputs.
    template = load()
    assert "table/" not in text({k: v for k, v in template["Resources"].items() if k != "Data"})
    assert names_in(template["Resources"], r"Data\.Outputs\.(\w*Table\w*)") <= {
        "TableName", "TableArn", "KeyTableName", "KeyTableArn",
    }  # fmt: skip
