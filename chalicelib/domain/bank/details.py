"""To which bank account is a party paid? Personal data: kept by reference, shown only masked."""

from dataclasses import dataclass

from chalicelib.domain.bank.iban import bic, iban, masked
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId, external_id
from chalicelib.domain.money import Currency

SEPA_CURRENCY = Currency("EUR")
BANK = "bank"  # the prefix of a payout account that is a bank account of its own
_NAME_MAX = 70  # SEPA's scheme, shorter than ISO 20022's 140


@dataclass(frozen=True, slots=True, repr=False)
class BankDetails:
    """The account's holder as the bank knows it; `bic` may be empty (SEPA needs none)."""

    name: str
    iban: str
    bic: str = ""

    def __repr__(self) -> str:
        """Whatever logs this by mistake logs no account number."""
        return f"BankDetails({masked(self.iban)})"

    def reference(self, party_id: PartyId, salt: str) -> str:
        """`bank_<hash>`: other details are another account; without the salt it tells nothing."""
        return external_id(BANK, salt, party_id, self.name, self.iban, self.bic)


def bank_details(name: str, iban_text: str, bic_text: str = "") -> BankDetails:
    """Checked and normalised, or Invalid."""
    holder = " ".join(name.split())
    if not holder or len(holder) > _NAME_MAX:
        raise Invalid("name", f"the account's holder has 1 to {_NAME_MAX} characters")
    return BankDetails(holder, iban(iban_text), bic(bic_text) if bic_text else "")


def is_bank_account(account: str) -> bool:
    """Whether a party's payout account is paid by bank transfer, and not by the provider."""
    return account.startswith(f"{BANK}_")
