"""How is a payment booked that lies at the provider in another currency than its own?"""

from collections.abc import Iterable

from chalicelib.domain.fx.rates import (
    Conversion,
    CurrencyNotPublished,
    NoPublishedRates,
    convert,
    together,
)
from chalicelib.domain.ledger.converted import Converted
from chalicelib.domain.money import CurrencyEnded, Money
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payments import Hold, ProviderUnavailable
from chalicelib.usecases.rates.rate_on import rate_on


def came_in(ports: Ports, by: Conversion | None) -> Converted | None:
    """At its worth by the last published rates; where there are none, at the provider's own."""
    if by is None:
        return None
    try:
        worth = convert(by.given, by.got.currency, rate_on(ports, by.day)).got
    except (NoPublishedRates, CurrencyNotPublished, CurrencyEnded):
        worth = by.got
    return Converted(by, worth)


def moved_later(first: Converted | None, by: Conversion | None) -> Converted | None:
    """What left, or came back, of what came in as `first` (None: unconverted, or not booked)."""
    if by is None or _is_plain(by):
        return None
    return Converted(by, by.got) if first is None else first.share(by)


def gone_back(
    first: Converted | None, parts: Iterable[tuple[Hold, Money, Money]]
) -> Converted | None:
    """What the provider's balance gave for a refund; None: the same, in the payment's currency.

    `parts` are the holds that gave it, what each had given before, and what it gave now. Of what
    was converted as it came in, or is known to be now: ProviderUnavailable until all is known.
    """
    every, known = list[Conversion](), True
    for hold, before, now in parts:
        own = _following(hold.refund_moves, before)
        known &= sum(refund.given.minor for refund in own) == -now.minor
        every += own
    if first is None and all(_is_plain(refund) for refund in every):
        return None
    if not known:
        raise ProviderUnavailable("what the balance gave for the refund is not known yet")
    return moved_later(first, together(every))


def _following(refunds: Iterable[Conversion], before: Money) -> list[Conversion]:
    """The refunds that come after those which add up to `before`."""
    gone, own = 0, list[Conversion]()
    for refund in refunds:
        if gone >= before.minor:
            own.append(refund)
        gone -= refund.given.minor
    return own


def _is_plain(by: Conversion) -> bool:
    return by.got.currency == by.given.currency
