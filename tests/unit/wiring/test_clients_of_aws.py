"""boto3's default session is not safe for threads: is only one client made at a time?"""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import boto3
import pytest
from botocore.config import Config

from chalicelib.adapters.aws import client


def test_clients_are_made_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    making, overlaps = Lock(), []

    def make(service: str, **_: Any) -> str:
        alone = making.acquire(blocking=False)
        overlaps.append(not alone)
        time.sleep(0.01)
        if alone:
            making.release()
        return service

    monkeypatch.setattr(boto3, "client", make)
    names = ["s3", "sqs", "dynamodb", "secretsmanager"] * 2
    with ThreadPoolExecutor(len(names)) as pool:
        made = list(pool.map(lambda name: client(name, Config()), names))
    assert made == names
    assert not any(overlaps)
