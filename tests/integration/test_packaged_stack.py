"""Does the template that AWS gets work as deployed: stream, functions, API, machines?"""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.effect.heartbeat import CANARY, answered, plant
from chalicelib.wiring import Adapters, Settings
from sandbox.aws.local import FunctionFailed, LocalAws, Stack
from sandbox.aws.package import ROOT, build
from sandbox.peers.processes import Running

pytestmark = pytest.mark.aws
NOW = "2026-11-20T09:00:00Z"


@pytest.fixture(scope="module")
def stack(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    clock = tmp_path_factory.mktemp("clock") / "clock"
    clock.write_text(NOW)
    parameters = {
        "PublicUrl": "http://127.0.0.1:8000",
        "ClockFile": str(clock),
        "AllowPrivateUrls": "true",
        "SchedulesState": "DISABLED",
    }
    package = build(ROOT / "build" / "package-local", libraries=False)
    return local_aws.deploy(package, parameters)


@pytest.fixture
def ports(stack: Stack, reached: LocalAws) -> Ports:
    del reached
    return Adapters(Settings(stack.environments["RunEffects"]))


@pytest.fixture(scope="module")
def front(stack: Stack, local_aws: LocalAws) -> Running:
    del stack
    return local_aws.front()


@pytest.fixture
def http(front: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=front.url, trust_env=False) as client:
        yield client


def _soon(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def test_the_stream_wakes_run_effects(ports: Ports) -> None:
    plant(ports, ports.clock.now())
    assert _soon(lambda: answered(ports))


def test_a_poison_record_is_set_aside_and_its_neighbours_run(ports: Ports) -> None:
    ports.store.write(
        Put(Key("session#poison"), {"not": "a session"}, pending=1),
        Put(CANARY, {"asked": NOW, "answered": False}, expects=None, pending=1),
    )
    assert _soon(lambda: answered(ports))
    assert _soon(lambda: ports.store.get(keys.quarantine("session#poison")) is not None)


def test_a_record_without_pending_effects_wakes_nobody(ports: Ports) -> None:
    ports.store.write(Put(Key("canary#asleep"), {"asked": NOW, "answered": False}))
    plant(ports, ports.clock.now())
    assert _soon(lambda: answered(ports))
    asleep = ports.store.get(Key("canary#asleep"))
    assert asleep is not None
    assert asleep.version == 1


def test_the_schedules_functions_find_nothing_to_do(stack: Stack, local_aws: LocalAws) -> None:
    del stack
    assert local_aws.invoke("pull_networks") == {"peers": [], "emsps": []}
    opened = local_aws.invoke("open_due_windows")
    assert (opened["opened"], opened["started"], opened["late"]) == ([], [], [])


def test_a_function_that_fails_says_so(stack: Stack, local_aws: LocalAws) -> None:
    del stack
    with pytest.raises(FunctionFailed, match="import_rates"):
        local_aws.invoke("import_rates")  # its rates live in the real world, which is out of reach


def test_the_function_behind_the_api_answers(stack: Stack, local_aws: LocalAws) -> None:
    event = {
        "resource": "/health",
        "path": "/health",
        "httpMethod": "GET",
        "headers": {},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "requestContext": {"httpMethod": "GET", "resourcePath": "/health", "path": "/health"},
        "stageVariables": None,
        "body": None,
        "isBase64Encoded": False,
    }
    answer = local_aws.client("lambda").invoke(
        FunctionName=stack.functions["APIHandler"], Payload=json.dumps(event)
    )
    content = json.loads(answer["Payload"].read())
    assert content["statusCode"] == 200
    assert json.loads(content["body"])["status"] == "ok"


def test_both_machines_know_their_functions(stack: Stack, local_aws: LocalAws) -> None:
    client = local_aws.client("stepfunctions")
    for output in ("SettlementMachineArn", "CounterpartyMachineArn"):
        machine = client.describe_state_machine(stateMachineArn=stack.outputs[output])
        assert "${" not in machine["definition"]


def test_the_front_serves_what_is_deployed(http: httpx.Client) -> None:
    answer = http.get("/health")
    assert answer.status_code == 200
    assert answer.json()["now"] == NOW


def test_an_unknown_path_is_a_problem_as_on_aws(http: httpx.Client) -> None:
    answer = http.get("/v2/nothing?x=1", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


def test_a_body_beyond_the_gateways_limit_is_refused(http: httpx.Client) -> None:
    answer = http.post("/v1/quotes", content=b"x" * 10_000_001)
    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


def test_requests_at_once_are_not_mixed_up(front: Running) -> None:
    """A GET and a POST of the same path have different refusals: each thread must see its own."""
    expected = {"GET": 405, "POST": 415}

    def ask(number: int) -> bool:
        method = "GET" if number % 2 else "POST"
        with httpx.Client(base_url=front.url, trust_env=False) as client:
            return client.request(method, "/webhooks/stripe").status_code == expected[method]

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(200)))
