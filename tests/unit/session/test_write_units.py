"""Does a whole session stay within its DynamoDB write units, counted as AWS bills them?"""

import pytest

from bench.counting import item_bytes, number_bytes
from bench.journey import PATCHING, Journey
from bench.messages import PATCHES
from bench.sections import UNITS_MAX
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.ports.store import Key, Put


@pytest.mark.parametrize("method", PaymentMethod)
def test_a_session_costs_few_write_units_and_a_patch_costs_one(method: PaymentMethod) -> None:
    written = Journey(method).run()
    patches = [write.units for write in written if write.step == PATCHING]
    assert patches == [1] * PATCHES
    assert sum(write.units for write in written) - sum(patches) <= UNITS_MAX


def test_an_item_is_weighed_with_its_names_as_dynamodb_does() -> None:
    put = Put(Key("ab", "cde"), {"n": 1}, pending=3)
    # pk 2+2, sk 2+3, b 1+7, v 1+2, e 1+2
    assert item_bytes(put, 12) == 4 + 5 + 8 + 3 + 3
    assert [number_bytes(n) for n in (0, 7, 12, 123, 1_000_000)] == [1, 2, 2, 3, 2]
