"""How is the settlement machine started? Step Functions, one execution a name."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import client
from chalicelib.domain.errors import NotYet

_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 4}, connect_timeout=2, read_timeout=10
)


class MachineUnavailable(NotYet):
    """No answer: the execution may have started. The same name asks again safely."""

    code = "machine_unavailable"


class StepFunctionsMachine:
    def __init__(self, arn: str) -> None:
        self._arn = arn

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
        return client("stepfunctions", config=_CONFIG)

    def start(self, name: str, payload: Mapping[str, Any]) -> bool:
        try:
            self._client.start_execution(
                stateMachineArn=self._arn, name=name, input=json.dumps(payload)
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ExecutionAlreadyExists":
                return False
            raise MachineUnavailable(code) from error
        except BotoCoreError as error:
            raise MachineUnavailable(type(error).__name__) from error
        return True

    def running(self, name: str) -> bool:
        arn = f"{self._arn.replace(':stateMachine:', ':execution:')}:{name}"
        try:
            found = self._client.describe_execution(executionArn=arn)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ExecutionDoesNotExist":
                return False
            raise MachineUnavailable(code) from error
        except BotoCoreError as error:
            raise MachineUnavailable(type(error).__name__) from error
        return str(found["status"]) == "RUNNING"
