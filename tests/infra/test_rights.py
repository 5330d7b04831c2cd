"""Are a function's rights and settings exactly what its code can use?

`reach` reads what the code can use, `needs` says what AWS calls it. A right that is missing would
show in production only, at its first use; one that is too many, in the hands of a thief.
"""

import json
from typing import Any

import pytest

from tests.infra.needs import ALWAYS, Right, rights_of, rights_to_run, settings_of
from tests.infra.reach import Name, everything_in, uses
from tests.infra.test_policies import actions, role_statements

_EFFECTS, _SCHEDULES = "chalicelib.handlers.effects.stream", "chalicelib.handlers.effects.schedules"
_SETTLEMENT = "chalicelib.handlers.settlement.functions"
ROOTS: dict[str, list[Name]] = {
    "APIHandler": everything_in(
        "chalicelib.handlers.partner_api",
        "chalicelib.handlers.ocpi",
        "chalicelib.handlers.webhooks",
    ),
    "RunEffects": [(_EFFECTS, "run_effects")],
    "SweepEffects": [(_SCHEDULES, "sweep_effects")],
    "ImportRates": [("chalicelib.handlers.rates.functions", "import_rates")],
    "PullNetworks": [("chalicelib.handlers.network.functions", "pull_networks")],
    "OpenDueWindows": [("chalicelib.handlers.settlement.opening", "open_due_windows")],
    "SettleWindow": [(_SETTLEMENT, "settle_window")],
    "SettleCounterparty": [(_SETTLEMENT, "settle_counterparty")],
    "ReconcileBooks": [("chalicelib.handlers.reconciliation.functions", "reconcile_books")],
    "ReadBankFiles": [("chalicelib.handlers.bank.functions", "read_bank_files")],
}
_KEYS = "${StripeSecretName}", "${StripeReadSecretName}"  # a restricted key for who only reads
each_function = pytest.mark.parametrize("name", sorted(ROOTS))


def _needed(resources: dict[str, Any], name: str) -> set[Right]:
    streamed = any(
        found["Properties"]["FunctionName"] == {"Ref": name}
        for found in resources.values()
        if found["Type"] == "AWS::Lambda::EventSourceMapping"
    )
    needed = rights_to_run(streamed=streamed).union(*map(rights_of, uses(*ROOTS[name])))
    if name != "ReconcileBooks":
        return needed
    return {(action, what.replace(*_KEYS)) for action, what in needed}


def _allowed(resources: dict[str, Any], name: str) -> set[Right]:
    return {
        (action, _text(resource))
        for statement in role_statements(resources, name)
        for action in actions(statement)
        for resource in _list(statement["Resource"])
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(resource: Any) -> str:
    match resource:
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"{name}.{attribute}"
        case {"Fn::Sub": str(text)} | {"Ref": str(text)}:
            return text
        case str(text):
            return text
        case _:
            raise AssertionError(f"a form of resource not used here: {json.dumps(resource)}")


@each_function
def test_a_function_may_do_all_that_its_code_can_do(resources: dict[str, Any], name: str) -> None:
    missing = _needed(resources, name) - _allowed(resources, name)
    assert sorted(missing) == []


@each_function
def test_a_function_may_do_nothing_else(resources: dict[str, Any], name: str) -> None:
    too_many = _allowed(resources, name) - _needed(resources, name)
    assert sorted(too_many) == []


@each_function
def test_a_function_is_given_the_settings_that_it_reads_and_no_other(
    template: dict[str, Any], name: str
) -> None:
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    own = template["Resources"][name]["Properties"]["Environment"]["Variables"]
    assert {*shared, *own} == ALWAYS.union(*map(settings_of, uses(*ROOTS[name])))


def test_code_is_followed_through_tables_of_functions_and_into_lambdas() -> None:
    """A check of the check: Pay is reached through `STEPS` only, Capture inside a lambda."""
    counterparty = {(use.port, use.method) for use in uses(*ROOTS["SettleCounterparty"])}
    assert {("payouts", ""), ("mailbox", "put"), ("write", "Update")} <= counterparty
    assert ("payments", "capture") in {(u.port, u.method) for u in uses(*ROOTS["RunEffects"])}


def test_reconciliation_asks_the_provider_for_nothing_but_its_balance_transactions() -> None:
    found = {use.method for use in uses(*ROOTS["ReconcileBooks"]) if use.port == "payouts"}
    assert found - {""} == {"balance_lines"}
    assert not [use for use in uses(*ROOTS["ReconcileBooks"]) if use.port == "payments"]
