"""Has each function the rights that it needs, and no other?"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.aws.package import ROOT
from tests.infra.test_template import FUNCTIONS

CHALICE = ROOT / ".chalice"
RECORDS = {"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"}
MAY_NOT_BE_NARROWED = {"dynamodb:ListStreams"}
PAYS = {"RunEffects", "SweepEffects", "SettleCounterparty"}


def _role(name: str) -> str:
    return "ApiHandlerRole" if name == "APIHandler" else f"{name}Role"


def role_statements(resources: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    for policy in resources[_role(name)]["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def actions(statement: dict[str, Any]) -> list[str]:
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else actions


def _allowed(resources: dict[str, Any], action: str) -> dict[str, str]:
    """Which functions may do it, each with the resources as text."""
    return {
        name: json.dumps(
            [s["Resource"] for s in role_statements(resources, name) if action in actions(s)]
        )
        for name in FUNCTIONS
        if any(action in actions(statement) for statement in role_statements(resources, name))
    }


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_has_a_policy_of_its_own(name: str) -> None:
    listed = json.loads((CHALICE / "config.json").read_text())["stages"]["live"]["lambda_functions"]
    files = [configured["iam_policy_file"] for configured in listed.values()]
    assert len(set(files)) == len(files) == len(FUNCTIONS)
    assert all((CHALICE / file).exists() for file in files)
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
    assert ("api_handler" if name == "APIHandler" else snake) in listed


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_no_right_has_a_wildcard(resources: dict[str, Any], name: str) -> None:
    for statement in role_statements(resources, name):
        assert statement["Effect"] == "Allow"
        assert not [action for action in actions(statement) if "*" in action]
        if statement["Resource"] == "*":
            assert set(actions(statement)) <= MAY_NOT_BE_NARROWED


def test_nobody_scans_and_nobody_deletes_files(resources: dict[str, Any]) -> None:
    for forbidden in ("dynamodb:Scan", "s3:DeleteObject", "s3:BypassGovernanceRetention"):
        assert not _allowed(resources, forbidden)


def test_payment_credentials_belong_to_those_who_pay(resources: dict[str, Any]) -> None:
    reads = _allowed(resources, "secretsmanager:GetSecretValue")
    assert {name for name, which in reads.items() if "${StripeSecretName}" in which} == PAYS
    reading = {name for name, which in reads.items() if "${StripeReadSecretName}" in which}
    assert reading == {"ReconcileBooks"}  # lists the provider's balance transactions


def test_bank_details_are_read_by_those_who_pay_and_written_by_no_function(
    resources: dict[str, Any],
) -> None:
    reads = _allowed(resources, "secretsmanager:GetSecretValue")
    of_parties = {name for name, which in reads.items() if "bank-details/" in which}
    assert of_parties == {"SettleCounterparty", "SweepEffects"}
    for action in ("CreateSecret", "PutSecretValue"):
        writes = _allowed(resources, f"secretsmanager:{action}")
        assert not [name for name, which in writes.items() if "bank" in which]


def test_the_api_reads_no_payment_credential(resources: dict[str, Any]) -> None:
    read = _allowed(resources, "secretsmanager:GetSecretValue")["APIHandler"]
    assert "${StripeWebhookSecretName}" in read
    assert "${StripeSecretName}" not in read


def test_only_who_hears_of_tokens_writes_personal_data_and_no_function_reads_who_a_driver_is(
    resources: dict[str, Any],
) -> None:
    of_people = [
        (name, action, json.dumps(statement.get("Condition", "")))
        for name in sorted(FUNCTIONS)
        for statement in role_statements(resources, name)
        for action in actions(statement)
        if "PersonalTable" in json.dumps(statement["Resource"])
    ]
    assert [(name, action) for name, action, _ in of_people if action != "dynamodb:GetItem"] == [
        ("APIHandler", "dynamodb:UpdateItem"),
        ("PullNetworks", "dynamodb:UpdateItem"),  # the tokens that an eMSP lists
    ]
    reading = [(name, where) for name, action, where in of_people if action == "dynamodb:GetItem"]
    readers = {"APIHandler", "PullNetworks", "RunEffects", "SweepEffects"}
    assert {name for name, _ in reading} == readers
    only = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": "emsp-token#*"}}
    assert all(json.loads(where) == only for _, where in reading)


def test_only_the_schedules_function_starts_settlement(resources: dict[str, Any]) -> None:
    assert set(_allowed(resources, "states:StartExecution")) == {"OpenDueWindows"}


def test_every_right_is_one_that_the_adapters_use(resources: dict[str, Any]) -> None:
    known = {f"dynamodb:{name}" for name in RECORDS | {"ConditionCheckItem"}}
    known |= {f"dynamodb:{name}" for name in ("DescribeStream", "GetRecords", "GetShardIterator")}
    known |= {"dynamodb:ListStreams", "s3:GetObject", "s3:PutObject", "s3:ListBucket"}
    known |= {f"secretsmanager:{name}Secret" for name in ("Create", "Delete")}
    known |= {"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"}
    known |= {"states:StartExecution", "states:DescribeExecution", "sqs:SendMessage"}
    known |= {"logs:CreateLogStream", "logs:PutLogEvents"}
    used = {
        action
        for name in FUNCTIONS
        for statement in role_statements(resources, name)
        for action in actions(statement)
    }
    assert used <= known
