"""Does every Secrets keep the same promises?"""

from collections.abc import Iterator
from uuid import uuid4

import moto
import pytest

from chalicelib.adapters.secrets import ManagedSecrets
from chalicelib.ports.secrets import Secrets
from sandbox.memory.plain import MemorySecrets


@pytest.fixture(params=["memory", "moto", pytest.param("local", marks=pytest.mark.aws)])
def secrets(request: pytest.FixtureRequest) -> Iterator[Secrets]:
    match request.param:
        case "memory":
            yield MemorySecrets()
        case "moto":
            with moto.mock_aws():
                yield ManagedSecrets()
        case _:
            made = ManagedSecrets()
            client = request.getfixturevalue("local_aws").client("secretsmanager")
            vars(made)["_client"] = client
            yield made


@pytest.fixture
def name() -> str:
    return f"ocpi/{uuid4().hex}/1"


def test_a_secret_is_read_back_and_replaced(secrets: Secrets, name: str) -> None:
    secrets.write(name, "first")
    assert secrets.read(name) == "first"
    secrets.write(name, "second")
    assert secrets.read(name) == "second"


def test_a_secret_that_is_not_there_is_a_key_error(secrets: Secrets, name: str) -> None:
    with pytest.raises(KeyError):
        secrets.read(name)


def test_a_forgotten_secret_is_gone_at_once(secrets: Secrets, name: str) -> None:
    secrets.write(name, "x")
    secrets.delete(name)
    secrets.delete(name)
    with pytest.raises(KeyError):
        secrets.read(name)
