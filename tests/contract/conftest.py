"""On which providers is every payment contract played? A second one adds its rig here."""

from collections.abc import Iterator

import pytest

from tests.contract.payment_rigs import MemoryRig, PaymentRig, StripeRig
from tests.contract.provider_server import Server, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as started:
        yield started


@pytest.fixture(params=["memory", "stripe"])
def rig(request: pytest.FixtureRequest) -> PaymentRig:
    if request.param == "memory":
        return MemoryRig()
    return StripeRig(request.getfixturevalue("server"))
