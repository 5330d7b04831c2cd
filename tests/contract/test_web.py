"""What may the channel rely on when it calls a partner's endpoint? The same on fake and adapter."""

from collections.abc import Iterator
from typing import Protocol

import pytest

from chalicelib.adapters.web import OutsideWeb
from chalicelib.domain.errors import Rejected
from chalicelib.ports.web import Web
from sandbox.memory.outside import MemoryWeb
from tests.contract.answering import Answer, Asked, answering

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
BODY = '{"type":"session.receipt","name":"Zürich"}'.encode()


class Rig(Protocol):
    """`web` may call `url`, where a partner answers; `guarded` may call public addresses only."""

    @property
    def web(self) -> Web: ...
    @property
    def guarded(self) -> Web: ...
    @property
    def url(self) -> str: ...
    def answer(self, status: int) -> None: ...
    def hang_up(self) -> None:
        """Nobody is at home from now on."""

    def received(self) -> list[tuple[bytes, dict[str, str]]]: ...


class MemoryRig:
    url = "https://partner.example/hook"

    def __init__(self) -> None:
        self.web = MemoryWeb()
        self.guarded = MemoryWeb(inside={"partner.example"})

    def answer(self, status: int) -> None:
        self.web.status = status

    def hang_up(self) -> None:
        self.web.status = 0

    def received(self) -> list[tuple[bytes, dict[str, str]]]:
        return [(body, dict(headers)) for _, body, headers in self.web.posted]


class OutsideRig:
    """A partner on loopback. It sends whoever is told 302 to itself, to see who follows."""

    def __init__(self) -> None:
        self.url, self._status = "", 204
        self._got: list[tuple[bytes, dict[str, str]]] = []
        self.web, self.guarded = OutsideWeb(allow_private=True), OutsideWeb(allow_private=False)

    def take(self, asked: Asked) -> Answer:
        self._got.append((asked.body, dict(asked.headers)))
        return self._status, {"Location": "/hook"}, b""

    def answer(self, status: int) -> None:
        self._status = status

    def hang_up(self) -> None:
        self.url = "http://127.0.0.1:9/hook"

    def received(self) -> list[tuple[bytes, dict[str, str]]]:
        return self._got


@pytest.fixture(params=["memory", "outside"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    if request.param == "memory":
        yield MemoryRig()
        return
    made = OutsideRig()
    with answering(made.take) as url:
        made.url = f"{url}/hook"
        yield made


def test_the_body_arrives_byte_for_byte_with_its_headers(rig: Rig) -> None:
    sent = {"content-type": "application/json", "webhook-id": "evt_1"}
    assert rig.web.post(rig.url, BODY, sent, 2) == 204
    ((body, headers),) = rig.received()
    assert body == BODY
    assert {name: headers[name] for name in sent} == sent


@pytest.mark.parametrize("status", [200, 302, 410, 500])
def test_whatever_is_answered_is_the_answer_and_nothing_is_followed(rig: Rig, status: int) -> None:
    rig.answer(status)
    assert rig.web.post(rig.url, BODY, {}, 2) == status
    assert len(rig.received()) == 1


def test_no_answer_is_no_status(rig: Rig) -> None:
    rig.hang_up()
    assert rig.web.post(rig.url, BODY, {}, 2) == 0


def test_our_own_network_is_never_called(rig: Rig) -> None:
    inside = rig.url.replace("http://", "https://")
    with pytest.raises(Rejected) as refused:
        rig.guarded.post(inside, BODY, {}, 2)
    assert refused.value.code == "address_refused"
    assert rig.received() == []
