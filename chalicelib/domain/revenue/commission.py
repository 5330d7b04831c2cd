"""How large is the commission, and which part of it is the partner's?"""

from decimal import Decimal, localcontext

from chalicelib.domain.money import EXACT, Money


def commission_of(net: Money, rate: Decimal) -> Money:
    """The commission on the driver's net, half up: 8 % of 14.70 is 1.176, so 1.18."""
    assert 0 <= rate <= 1, "a commission is a fraction of the net"
    with localcontext(EXACT):
        return Money.rounded(net.exact * rate, net.currency)


def share_of(commission: Money, share: Decimal) -> Money:
    """The partner's part of the commission. Half a cent goes to the partner."""
    assert 0 <= share <= 1, "a share is a fraction of the commission"
    top, bottom = share.as_integer_ratio()
    partner, _platform = commission.split([top, bottom - top])
    return partner
