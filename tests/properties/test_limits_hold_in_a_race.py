"""Do sessions that reserve at once ever take more than a partner has? Whatever their order."""

from collections.abc import Iterator
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.payment.allotment import FundsTooLow
from chalicelib.ports.store import WriteConflict
from chalicelib.usecases.partner.purse import read_purse, writes_of
from sandbox.memory.ports import MemoryPorts

EUR, PARTNER = Currency("EUR"), PartyId("par_1")
PREPAID = PaymentMethod.PREPAID


def _session(ports: MemoryPorts, minor: int, first: int) -> Iterator[int]:
    """Reads, is interrupted, writes; read again when another was faster. Yields what it got."""
    while True:
        kept = read_purse(ports, PARTNER, PREPAID, EUR)
        yield 0
        try:
            purse, _ = kept.purse.reserve(Money(minor, EUR), first)
            ports.store.write(*writes_of(kept, purse))
        except FundsTooLow:
            return
        except WriteConflict:
            continue
        yield minor
        return


@given(
    st.integers(0, 4000),
    st.lists(st.tuples(st.integers(1, 2000), st.integers(0, 3)), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_what_is_reserved_is_never_more_than_the_balance(
    funds: int, wishes: list[tuple[int, int]], random: Random
) -> None:
    ports = MemoryPorts()
    empty = read_purse(ports, PARTNER, PREPAID, EUR)
    ports.store.write(*writes_of(empty, empty.purse.fund(Money(funds, EUR))))
    running = [_session(ports, minor, first) for minor, first in wishes]
    got = 0
    while running:
        session = random.choice(running)
        step = next(session, None)
        if step is None:
            running.remove(session)
        got += step or 0
        purse = read_purse(ports, PARTNER, PREPAID, EUR).purse
        assert sum(part.reserved for part in purse.allotments) == got <= funds
        assert all(part.available >= 0 for part in purse.allotments)
