"""How is a client of AWS made? One after the other.

Functions work on several owners at once, and boto3's default session is not safe while two threads
make a client of it (boto3's guide on sessions): the first calls of a process would fail at random.
"""

from threading import Lock
from typing import Any

import boto3
from botocore.config import Config

_making = Lock()


def client(service: str, config: Config) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
    with _making:
        return boto3.client(service, config=config)  # type: ignore[call-overload]  # wants literals
