"""Credit CDRs and what the books say, for the tests of disputes."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.ledger.book import balances, journal_sum
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.session.session import Session
from chalicelib.domain.tariff.usage import Cost
from chalicelib.usecases.cdr.accept import CdrAccepted, accept_cdr
from chalicelib.usecases.effect.sweep import sweep
from sandbox.memory.world import World


def credit_of(original: ReceivedCdr, **other: str) -> ReceivedCdr:
    cost = original.total_cost
    assert cost.incl_vat is not None
    return replace(
        original,
        id=other.get("id", f"{original.id}-C"),
        credit=True,
        credit_reference_id=original.id,
        total_cost=Cost(-cost.excl_vat, -cost.incl_vat),
    )


def sent(world: World, cdr: ReceivedCdr) -> CdrAccepted:
    accepted = accept_cdr(world.ports, world.connection, cdr, f"cdr/{cdr.id}.json", b"{}")
    world.settle()
    return accepted


def pass_time(world: World, *, hours: int = 2) -> None:
    """The hours pass, and the sweeper finds what is due; what it starts is run to its end."""
    for _ in range(hours * 2):
        world.ports.clock.at += timedelta(minutes=30)
        sweep(world.ports)
        world.settle()


def sums(world: World) -> dict[str, int]:
    """Minor units by account, of the accounts that are not at zero; every currency sums to zero."""
    book = balances(world.everything())
    assert not any(journal_sum(book).values())
    return {
        str(account): minor
        for account, amounts in sorted(book.items())
        for minor in amounts.values()
        if minor
    }


def booked_names(session: Session) -> list[str]:
    return [booked.name.partition(":")[0] for booked in session.booked]
