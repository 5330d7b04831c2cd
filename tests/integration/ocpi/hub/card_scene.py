"""A card that an eMSP tells of, and that its driver holds to a charger."""

from typing import Any

from chalicelib.usecases.effect.sweep import sweep
from sandbox.memory.world import World
from tests.integration.ocpi.conftest import Answer, Peer
from tests.integration.ocpi.hub.charge_scene import (
    BASE,
)
from tests.integration.ocpi.hub.emsp_scene import TOKEN

HERE = {"location_id": "L1", "evse_uids": ["E1"]}
YES = {
    "allowed": "ALLOWED",
    "authorization_reference": "their-ref-1",
    "info": {"language": "nl", "text": "Goede reis"},
}


def tell(emsp: Peer, **other: Any) -> Answer:
    body = {**TOKEN, **other}
    path = f"{BASE}/tokens/{body['country_code']}/{body['party_id']}/{body['uid']}"
    answer = emsp.send("PUT", path, body)
    assert answer.status == 1000
    return answer


def hold(
    cpo: Peer, where: Any = HERE, uid: str = "0482ab", headers: dict[str, str] | None = None
) -> Answer:
    """A driver holds the card to a charger, and the CPO asks whose card it took it for: ours."""
    return cpo.send("POST", f"/ocpi/2.2.1/tokens/{uid}/authorize?type=RFID", where, headers=headers)


def wait(world: World, minutes: int) -> None:
    for _ in range(minutes // 5):
        world.ports.clock.forward(minutes=5)
        sweep(world.ports)
        world.settle()


def sessions(world: World) -> list[str]:
    return [name for name in world.ports.store.dump() if name.startswith("session#ses")]
