"""How does AWS run on this machine? ministack on 127.0.0.1 with our packaged template inside.

Nothing in chalicelib knows: it gets an endpoint through boto3's own AWS_ENDPOINT_URL.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import WaiterError

from sandbox.aws.package import ROOT, Package
from sandbox.peers.processes import Processes, Running, free_port

REGION = "eu-central-1"
STACK = "plugrail"
_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}
_DEPLOYMENTS = "plugrail-deployments"
_RETRIES = 2  # of a schedule (infra/schedules.json)
_WAIT_SCALE = "0.00001"  # a wait of two days takes 1.7 s; code asks the stepped clock for the time
_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 3}, read_timeout=310, max_pool_connections=32
)


class DeployFailed(RuntimeError):
    """CloudFormation refused the template; the message is what its events say."""


class FunctionFailed(RuntimeError):
    """A function that the sandbox invoked ended with an error of its own."""


@dataclass(frozen=True, slots=True)
class Stack:
    """What the template became: `functions` by logical id, each with its name and environment."""

    outputs: Mapping[str, str]
    functions: Mapping[str, str]
    environments: Mapping[str, Mapping[str, str]]


@dataclass(slots=True)
class LocalAws:
    running: Running
    processes: Processes
    stack: Stack = field(default_factory=lambda: Stack({}, {}, {}))

    @property
    def endpoint(self) -> str:
        return self.running.url

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to reach this AWS and no other."""
        return {**_ACCOUNT, "AWS_ENDPOINT_URL": self.endpoint}

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes clients at run time
        return _client(service, self.endpoint)

    def deploy(self, package: Package, parameters: Mapping[str, str]) -> Stack:
        """Create the stack from the packaged template; the functions are ready afterwards."""
        template = json.loads(package.template.read_text())
        self.client("s3").create_bucket(
            Bucket=_DEPLOYMENTS, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        _for_few_cores(template)
        _point_at_zip(
            template, f"s3://{_DEPLOYMENTS}/{self._upload(package.zip.read_bytes(), 'zip')}"
        )
        # Sent by its address: a template in the request may have 51,200 bytes only.
        key = self._upload(json.dumps(template).encode(), "json")
        self.client("cloudformation").create_stack(
            StackName=STACK,
            TemplateURL=f"https://s3.{REGION}.amazonaws.com/{_DEPLOYMENTS}/{key}",
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        self.stack = self._described()
        return self.stack

    def invoke(self, function: str, payload: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401
        """The answer of a function, named as in app.py (`open_due_windows`)."""
        logical_id = "".join(word.capitalize() for word in function.split("_"))
        answer = self.client("lambda").invoke(
            FunctionName=self.stack.functions[logical_id], Payload=json.dumps(payload or {})
        )
        content = answer["Payload"].read()
        if "FunctionError" in answer:
            raise FunctionFailed(f"{function}: {content.decode()}")
        return json.loads(content) if content else None

    def scheduled(self, function: str) -> Any:  # noqa: ANN401
        """The answer of a function by the clock, which is invoked twice more should it fail."""
        for _ in range(_RETRIES):
            with suppress(FunctionFailed):
                return self.invoke(function)
        return self.invoke(function)

    def api_environment(self) -> dict[str, str]:
        """The environment of the function behind the API, as deployed."""
        return {**self.environment, **self.stack.environments["APIHandler"]}

    def front(self, port: int | None = None, *, workers: int = 2, **environment: str) -> Running:
        """Serve the API: the same app under gunicorn, with the environment of its function."""
        chosen = port or free_port()
        command = (
            *(sys.executable, "-m", "gunicorn", "sandbox.aws.front:application"),
            *("--bind", f"127.0.0.1:{chosen}", "--workers", str(workers), "--threads", "8"),
            *("--no-control-socket", "--log-level", "warning", "--graceful-timeout", "5"),
            *("--keep-alive", "60"),
        )
        variables = {**self.api_environment(), "PYTHONPATH": str(ROOT), **environment}
        return self.processes.start(
            "front", command, chosen, environment=variables, ready="/health"
        )

    def stop(self) -> None:
        """Gracefully: a kill would lose what has not been saved."""
        self.processes.stop(self.running)

    def _upload(self, content: bytes, kind: str) -> str:
        """The key is the content's hash, so that an unchanged template means unchanged code."""
        s3, key = self.client("s3"), f"{sha256(content).hexdigest()}.{kind}"
        s3.put_object(Bucket=_DEPLOYMENTS, Key=key, Body=content)
        return key

    def _described(self) -> Stack:
        cloudformation = self.client("cloudformation")
        waiter = cloudformation.get_waiter("stack_create_complete")
        waiter.config.delay, waiter.config.max_attempts = 0.2, 300
        try:
            waiter.wait(StackName=STACK)
        except WaiterError as error:
            events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
            reasons = [
                f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
                for event in events
                if "FAILED" in event["ResourceStatus"] and event.get("ResourceStatusReason")
            ]
            raise DeployFailed("\n".join(reasons)) from error
        (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        outputs = {out["OutputKey"]: out["OutputValue"] for out in stack.get("Outputs", ())}
        resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        functions = {
            found["LogicalResourceId"]: found["PhysicalResourceId"]
            for found in resources
            if found["ResourceType"] == "AWS::Lambda::Function"
        }
        return Stack(
            outputs, functions, {name: self._variables(functions[name]) for name in functions}
        )

    def _variables(self, function: str) -> Mapping[str, str]:
        found = self.client("lambda").get_function_configuration(FunctionName=function)
        variables: Mapping[str, str] = found.get("Environment", {}).get("Variables", {})
        return variables


def start(
    directory: Path, processes: Processes, *, port: int | None = None, **environment: str
) -> LocalAws:
    """Start an empty local AWS that keeps nothing outside `directory`."""
    temporary = directory / "tmp"  # a folder for each Lambda's worker, which it leaves behind
    temporary.mkdir(parents=True, exist_ok=True)
    chosen = port or free_port()
    variables = {
        **_ACCOUNT,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(chosen),
        "MINISTACK_REGION": REGION,
        "SFN_WAIT_SCALE": _WAIT_SCALE,
        "LOG_LEVEL": "WARNING",
        "STATE_DIR": str((directory / "state").resolve()),
        "S3_DATA_DIR": str((directory / "s3").resolve()),
        "TMPDIR": str(temporary.resolve()),
        **environment,
    }
    # Its app under uvicorn: a sixth less work for each request than under its own server.
    command = (
        *(sys.executable, "-m", "uvicorn", "ministack.app:app", "--host", "127.0.0.1"),
        *("--port", str(chosen), "--log-level", "warning", "--no-access-log"),
        *("--timeout-keep-alive", "60"),
    )
    running = processes.start(
        "ministack", command, chosen, environment=variables, ready="/_ministack/health"
    )
    return LocalAws(running, processes)


def _point_at_zip(template: Mapping[str, Any], uri: str) -> None:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = uri


def _for_few_cores(template: Mapping[str, Any]) -> None:
    """As many children of a Map at once as there are cores.

    Each call of a function beside another is a process here, which takes a second to start.
    """
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::StepFunctions::StateMachine":
            definition = json.loads(resource["Properties"]["DefinitionString"])
            _limit(definition["States"].values())
            resource["Properties"]["DefinitionString"] = json.dumps(definition)


def _limit(states: Iterable[dict[str, Any]]) -> None:
    for state in states:
        if state["Type"] == "Map":
            state["MaxConcurrency"] = min(state["MaxConcurrency"], os.cpu_count() or 1)
            _limit(state["Iterator"]["States"].values())


@cache
def _client(service: str, endpoint: str) -> Any:  # noqa: ANN401 - boto3 makes clients at run time
    """Explicit credentials, so that nobody's real account is ever reached."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # the stubs want each service's literal name
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=_ACCOUNT["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=_ACCOUNT["AWS_SECRET_ACCESS_KEY"],
        config=_CONFIG,
    )
