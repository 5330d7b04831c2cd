"""What does the bank do in the market, and who tells it and us? Its files, our float, two people.

The bank acts when told. In the field the channel looks into its mailbox every five minutes, here
when the bank has brought something (and every hour, should that look have failed).
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from chalicelib.domain.bank.details import bank_details
from chalicelib.domain.codec import instant_text
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import Party
from chalicelib.usecases.bank.explain import unmatched
from chalicelib.usecases.bank.place import book_line
from chalicelib.usecases.party.destination import approve, propose_account, propose_bank
from chalicelib.usecases.party.register import register
from chalicelib.usecases.payout.approve import set_limit
from sandbox.market.house import House
from sandbox.market.roles import CpoRole

_PROPOSES, _APPROVES = "Ada Lovelace", "Grace Hopper"  # `admin destination` asks for two people


def join(house: House, party: Party) -> None:
    """A company is registered, and opens an account at the provider where it is to be paid there;
    that it is paid there is two people's word, the first account too.
    """
    register(house.ports, replace(party, payout_account=""))
    if party.payout_account:
        said = {"country": party.country, "default_currency": party.settlement_currency.lower()}
        house.tell(house.provider, "account", id=party.payout_account, **said)
        made = propose_account(house.ports, party.id, party.payout_account, _PROPOSES)
        approve(house.ports, party.id, made.account, _APPROVES)


def limit_payouts(house: House, monies: Iterable[Money]) -> None:
    """Two people set from which sum on a payout takes two: in the market, all that is there."""
    for code, own in groupby(sorted(monies, key=_code), key=_code):
        most = max(own, key=lambda money: money.minor)
        for person in (_PROPOSES, _APPROVES):
            set_limit(house.ports, most, f"the market's, in {code}", person)


def _code(money: Money) -> Currency:
    return money.currency


def pay_by_bank(house: House, role: CpoRole) -> None:
    """From now on this CPO is paid by SEPA: one person proposed its account, another approved."""
    assert house.bank is not None, "a bank stands where a CPO has an account at one"
    party = role.party
    house.tell(house.bank, "account", iban=role.iban)
    made = propose_bank(house.ports, party.id, bank_details(party.name, role.iban), _PROPOSES)
    approve(house.ports, party.id, made.account, _APPROVES)


def pay_in(house: House, money: Money) -> None:
    """The channel's own money comes to its bank account; a person says what the line is."""
    assert house.bank is not None, "see pay_by_bank"
    house.tell(house.bank, "credit", minor=money.minor, text="float")
    house.aws.scheduled("read_bank_files")
    for row in unmatched(house.ports):
        book_line(house.ports, row["line"], "float", _PROPOSES)


def bank_acts(house: House) -> bool:
    """Whether the bank had something to say; then we have read it."""
    if house.bank is None:
        return False
    brought = bool(house.tell(house.bank, "tick", now=instant_text(house.now()))["brought"])
    if brought:
        house.aws.scheduled("read_bank_files")
    return brought
