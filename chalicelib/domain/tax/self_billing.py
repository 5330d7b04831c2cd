"""May the channel write the document that a party would write for its own sale?"""

from datetime import date

from chalicelib.domain.errors import NotYet
from chalicelib.domain.party.party import Party


class SelfBillingRefused(NotYet):
    """Art. 224 wants a prior agreement; the document also needs the party's VAT status that day."""

    code = "self_billing_refused"

    def __init__(self, party: Party, day: date, missing: str) -> None:
        super().__init__(f"no self-billed document for {party.name} on {day}: {missing}")
        self.party_id, self.day, self.missing = party.id, day, missing


def check_self_billing(party: Party, day: date) -> str:
    """The VAT number to print, "" for a party without one; refused without recorded consent.

    A party that has registrations, but none that held at home on the day, is in doubt: refused.
    """
    consent = party.self_billing_since
    if consent is None or consent > day:
        raise SelfBillingRefused(party, day, "no recorded consent")
    registration = party.vat_in(party.country, day)
    if registration is not None:
        return registration.number
    if any(known.country == party.country for known in party.vat):
        raise SelfBillingRefused(party, day, "its VAT registration does not cover that day")
    return ""
