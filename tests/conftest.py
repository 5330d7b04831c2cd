"""What holds for every test? No network, no real account, one local AWS a run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from sandbox.aws import local
from sandbox.aws.local import LocalAws
from sandbox.peers.processes import Processes

# Peers that we did not write run in environments of their own: `make interop`.
collect_ignore = [] if os.environ.get("INTEROP") else ["interop"]

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, print_blob=True)
settings.register_profile("nightly", max_examples=5000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

_NOBODY = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": local.REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


def pytest_configure(config: pytest.Config) -> None:
    """Whoever runs the tests may have an account: none of it is reachable from here."""
    del config
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(_NOBODY)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with the local AWS run on one worker, and so share one; they may reach loopback."""
    for item in items:
        if item.get_closest_marker("aws"):
            item.add_marker(pytest.mark.xdist_group("aws"))
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1"]))


@pytest.fixture(scope="session")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """Whatever a session's fixtures start ends with the session."""
    with Processes(tmp_path_factory.mktemp("logs")) as running:
        yield running


@pytest.fixture(scope="session")
def local_aws(processes: Processes, tmp_path_factory: pytest.TempPathFactory) -> LocalAws:
    """An empty local AWS: mark the test `aws`."""
    directory: Path = tmp_path_factory.mktemp("aws")
    return local.start(directory, processes)


@pytest.fixture
def reached(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> LocalAws:
    """The local AWS is what boto3 reaches in this test."""
    for name, value in local_aws.environment.items():
        monkeypatch.setenv(name, value)
    return local_aws
