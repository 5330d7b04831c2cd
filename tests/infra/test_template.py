"""Is the template what AWS accepts and what the design promises?"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chalicelib.handlers.measures import METRICS
from sandbox.aws.package import Package
from sandbox.aws.template import InfraConflict, merged

FUNCTIONS = {
    "APIHandler",
    "RunEffects",
    "SweepEffects",
    "ImportRates",
    "PullNetworks",
    "OpenDueWindows",
    "SettleWindow",
    "SettleCounterparty",
    "ReadBankFiles",
    "ReconcileBooks",
}
TEMPLATE_BYTES_MAX = 1_000_000
STATEFUL = {"AWS::DynamoDB::Table", "AWS::S3::Bucket"}

# By which dimensions AWS publishes the metrics that we use (ThrottledRequests needs an operation).
DIMENSIONS = {
    ("AWS/ApiGateway", "5XXError"): {"ApiName", "Stage"},
    ("AWS/DynamoDB", "ReadThrottleEvents"): {"TableName"},
    ("AWS/DynamoDB", "WriteThrottleEvents"): {"TableName"},
    ("AWS/Lambda", "Errors"): {"FunctionName"},
    ("AWS/Lambda", "Invocations"): {"FunctionName"},
    ("AWS/Lambda", "IteratorAge"): {"FunctionName"},
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): {"QueueName"},
    ("AWS/States", "ExecutionsFailed"): {"StateMachineArn"},
    ("AWS/States", "ExecutionsTimedOut"): {"StateMachineArn"},
    **{("Plugrail", name): {"service"} for name, _ in METRICS.values()},  # emitted by our code
}

Resources = dict[str, Any]


def _of_kind(resources: Resources, kind: str) -> Resources:
    return {name: found for name, found in resources.items() if found["Type"] == kind}


def test_cfn_lint_finds_nothing(package: Package) -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    command = [str(linter), "--regions", "eu-central-1", "--", str(package.template)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode == 0, done.stdout


def test_the_template_fits_into_cloudformation(package: Package) -> None:
    assert package.template.stat().st_size < TEMPLATE_BYTES_MAX


def test_every_function_is_there_and_no_other(resources: Resources) -> None:
    assert set(_of_kind(resources, "AWS::Serverless::Function")) == FUNCTIONS


def test_data_outlives_the_stack(resources: Resources) -> None:
    kept = {name: found for name, found in resources.items() if found["Type"] in STATEFUL}
    assert set(kept) == {"Table", "PersonalTable", "Files", "BankMailbox"}
    for found in kept.values():
        assert found["DeletionPolicy"] == found["UpdateReplacePolicy"] == "Retain"


def test_tables_can_be_restored_and_forget_what_has_expired(resources: Resources) -> None:
    for table in _of_kind(resources, "AWS::DynamoDB::Table").values():
        properties = table["Properties"]
        assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        assert properties["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
        assert properties["BillingMode"] == "PAY_PER_REQUEST"


def test_personal_data_is_not_streamed(resources: Resources) -> None:
    assert "StreamSpecification" in resources["Table"]["Properties"]
    assert "StreamSpecification" not in resources["PersonalTable"]["Properties"]


def test_sealed_files_cannot_be_changed_by_anybody(resources: Resources) -> None:
    properties = resources["Files"]["Properties"]
    assert properties["ObjectLockEnabled"]
    retention = properties["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert retention["Mode"] == "COMPLIANCE"
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}


def test_what_was_put_into_the_banks_mailbox_stays_there(resources: Resources) -> None:
    """Else whether a payment file was handed over could not be looked up."""
    statements = resources["BankMailboxPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (kept,) = (found for found in statements if found["Sid"] == "WhatWasPutStays")
    assert (kept["Effect"], kept["Principal"]) == ("Deny", "*")
    assert set(kept["Action"]) == {"s3:DeleteObject", "s3:DeleteObjectVersion"}
    assert kept["Resource"] == {"Fn::Sub": "${BankMailbox.Arn}/out/*"}


def test_only_items_with_pending_effects_reach_run_effects(resources: Resources) -> None:
    properties = resources["EffectsStream"]["Properties"]
    (only,) = properties["FilterCriteria"]["Filters"]
    assert json.loads(only["Pattern"]) == {
        "dynamodb": {"NewImage": {"e": {"N": [{"exists": True}]}}}
    }
    assert properties["FunctionName"] == {"Ref": "RunEffects"}
    assert properties["BisectBatchOnFunctionError"]
    assert properties["DestinationConfig"]["OnFailure"]


def test_every_function_keeps_its_logs_for_a_while_and_has_an_alarm(resources: Resources) -> None:
    watched = {
        dimension["Value"]["Ref"]
        for alarm in _of_kind(resources, "AWS::CloudWatch::Alarm").values()
        for dimension in alarm["Properties"]["Dimensions"]
        if dimension["Name"] == "FunctionName"
    }
    assert watched == FUNCTIONS - {"APIHandler"}  # its faults are counted at the API
    groups = _of_kind(resources, "AWS::Logs::LogGroup").values()
    named = {group["Properties"]["LogGroupName"]["Fn::Sub"] for group in groups}
    assert named == {f"/aws/lambda/${{{name}}}" for name in FUNCTIONS}
    assert all(group["Properties"]["RetentionInDays"] for group in groups)


def test_every_alarm_reaches_somebody(resources: Resources) -> None:
    for alarm in _of_kind(resources, "AWS::CloudWatch::Alarm").values():
        assert alarm["Properties"]["AlarmActions"] == [{"Ref": "Alarms"}]
        assert alarm["Properties"]["AlarmDescription"]


def test_a_function_by_the_clock_that_is_no_longer_invoked_is_heard_of(
    resources: Resources,
) -> None:
    """Whoever looks for what is late is not there to say so: no data must ring as well."""
    schedules = _of_kind(resources, "AWS::Scheduler::Schedule").values()
    by_clock = {schedule["Properties"]["Target"]["Arn"]["Fn::GetAtt"][0] for schedule in schedules}
    silent = {
        properties["Dimensions"][0]["Value"]["Ref"]
        for alarm in _of_kind(resources, "AWS::CloudWatch::Alarm").values()
        if (properties := alarm["Properties"])["MetricName"] == "Invocations"
        and properties["ComparisonOperator"] == "LessThanThreshold"
        and properties["TreatMissingData"] == "breaching"
    }
    assert silent == by_clock


def test_cloudwatch_may_publish_to_the_alarms_topic(resources: Resources) -> None:
    """The key policy of `alias/aws/sns` does not know CloudWatch, and cannot be changed."""
    assert "KmsMasterKeyId" not in resources["Alarms"].get("Properties", {})


def test_every_alarm_looks_where_aws_counts(resources: Resources) -> None:
    """A metric asked for by other dimensions than its own has no data: the alarm never rings."""
    for alarm in _of_kind(resources, "AWS::CloudWatch::Alarm").values():
        properties = alarm["Properties"]
        counted = DIMENSIONS.get((properties["Namespace"], properties["MetricName"]), set())
        assert counted or properties["Namespace"] == "Plugrail", properties["MetricName"]
        assert {dimension["Name"] for dimension in properties["Dimensions"]} == counted


@pytest.mark.parametrize(
    ("function", "expression"),
    [
        ("OpenDueWindows", "rate(5 minutes)"),
        ("SweepEffects", "rate(5 minutes)"),
        ("ReadBankFiles", "rate(5 minutes)"),
        ("PullNetworks", "rate(5 minutes)"),
        ("ImportRates", "cron(30 * * * ? *)"),
        ("ReconcileBooks", "cron(0 7 * * ? *)"),
    ],
)
def test_what_runs_by_the_clock(resources: Resources, function: str, expression: str) -> None:
    properties = resources[f"{function}Schedule"]["Properties"]
    assert properties["ScheduleExpression"] == expression
    assert properties["Target"]["Arn"] == {"Fn::GetAtt": [function, "Arn"]}
    assert properties["State"] == {"Ref": "SchedulesState"}


def test_no_sandbox_setting_has_an_effect_unless_it_is_given(template: Resources) -> None:
    parameters = template["Parameters"]
    assert parameters["ClockFile"]["Default"] == ""
    assert parameters["StripeApiBase"]["Default"] == ""
    assert parameters["AllowPrivateUrls"]["Default"] == "false"


def test_the_gateways_own_refusals_are_problems_with_a_code(resources: Resources) -> None:
    body = resources["RestAPI"]["Properties"]["DefinitionBody"]
    for response in body["x-amazon-apigateway-gateway-responses"].values():
        problem = json.loads(response["responseTemplates"]["application/problem+json"])
        assert str(problem["status"]) == response["statusCode"]
        assert problem["code"]
        assert problem["how_to_fix"]


def test_two_files_of_infra_may_not_contradict_each_other(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"Resources": {"X": {"Type": "one"}}}')
    (tmp_path / "b.json").write_text('{"Resources": {"X": {"Type": "two"}}}')
    with pytest.raises(InfraConflict):
        merged(tmp_path)
