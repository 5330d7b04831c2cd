"""/v1/balance: how much may the partner's drivers still charge for?"""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.access.key import Scope
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.handlers.partner_api.endpoint import Call, endpoint
from chalicelib.handlers.partner_api.shapes import Answer, MoneyShape, Nothing
from chalicelib.usecases.partner.credit import Balance, balances_of


class BalanceShape(Answer):
    """One purse: a prepaid balance, or a credit limit. `funded` = `used` + `reserved` + rest."""

    method: PaymentMethod
    funded: Annotated[MoneyShape, Field(description="Prepaid: paid in. Invoice: the limit.")]
    used: Annotated[MoneyShape, Field(description="Billed. Invoice: what is owed.")]
    reserved: Annotated[MoneyShape, Field(description="Held for sessions that are under way.")]
    available: Annotated[MoneyShape, Field(description="What new sessions may reserve.")]


class BalanceList(Answer):
    """A purse a payment method and currency; none for a partner whose drivers pay by card."""

    data: list[BalanceShape]


@endpoint("GET", "/v1/balance", scope=Scope.BALANCE_READ)
def read_the_balance(call: Call[Nothing, Nothing]) -> BalanceList:
    """Read the prepaid balance or the credit limit."""
    return BalanceList(data=[_shape(each) for each in balances_of(call.ports, call.partner_id)])


def _shape(balance: Balance) -> BalanceShape:
    return BalanceShape(
        method=balance.method,
        funded=MoneyShape.of(balance.funded),
        used=MoneyShape.of(balance.used),
        reserved=MoneyShape.of(balance.reserved),
        available=MoneyShape.of(balance.available),
    )
