"""How are secrets kept in AWS Secrets Manager? By name; kept in memory for seconds only."""

import time
from functools import cached_property
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import client
from chalicelib.domain.errors import NotYet

_KEPT_S = 10  # short, so that a rotated secret is seen soon; long enough for a burst of calls
_CONFIG = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=2, read_timeout=5)


class SecretsUnavailable(NotYet):
    code = "secrets_unavailable"


class ManagedSecrets:
    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, str]] = {}

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
        return client("secretsmanager", config=_CONFIG)

    def read(self, name: str) -> str:
        at, value = self._kept.get(name, (0.0, ""))
        if value and time.monotonic() - at < _KEPT_S:
            return value
        try:
            value = str(self._client.get_secret_value(SecretId=name)["SecretString"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                raise KeyError(name) from error
            raise _unavailable(error) from error
        except BotoCoreError as error:
            raise SecretsUnavailable(type(error).__name__) from error
        self._kept[name] = (time.monotonic(), value)
        return value

    def write(self, name: str, value: str) -> None:
        try:
            self._client.put_secret_value(SecretId=name, SecretString=value)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise _unavailable(error) from error
            self._create(name, value)
        except BotoCoreError as error:
            raise SecretsUnavailable(type(error).__name__) from error
        self._kept.pop(name, None)

    def delete(self, name: str) -> None:
        try:
            self._client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise _unavailable(error) from error
        except BotoCoreError as error:
            raise SecretsUnavailable(type(error).__name__) from error
        self._kept.pop(name, None)

    def _create(self, name: str, value: str) -> None:
        try:
            self._client.create_secret(Name=name, SecretString=value)
        except (ClientError, BotoCoreError) as error:
            raise SecretsUnavailable(type(error).__name__) from error


def _unavailable(error: ClientError) -> SecretsUnavailable:
    return SecretsUnavailable(error.response["Error"]["Code"])
