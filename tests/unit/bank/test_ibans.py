"""Which account numbers are taken? Compared with python-stdnum, which shares no code with ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban as oracle

from chalicelib.domain.bank.details import bank_details
from chalicelib.domain.bank.iban import bic, iban, masked
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId

EXAMPLES = [  # published by their banks' associations as examples
    "DE89 3704 0044 0532 0130 00",
    "NL91 ABNA 0417 1643 00",
    "FR14 2004 1010 0505 0001 3M02 606",
    "GB29 NWBK 6016 1331 9268 19",
    "NO93 8601 1117 947",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_iban_is_taken_however_it_is_spaced(text: str) -> None:
    assert iban(text.lower()) == text.replace(" ", "")


@given(st.sampled_from(EXAMPLES), st.integers(0, 9), st.integers(2, 20))
def test_a_wrong_digit_is_found_where_others_find_it(text: str, digit: int, place: int) -> None:
    code = text.replace(" ", "")
    place = min(place, len(code) - 1)
    changed = code[:place] + str(digit) + code[place + 1 :]
    taken = True
    try:
        iban(changed)
    except Invalid:
        taken = False
    # The oracle also knows some countries' own check digits; ours is ISO 13616 alone.
    assert taken == oracle.is_valid(changed, check_country=False)


@pytest.mark.parametrize(
    "text", ["", "DE", "US64SVBKUS6S3300958879", "DE8937040044053201300", "ÄÖ"]
)
def test_what_is_no_sepa_account_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        iban(text)
    assert len(text) < 8 or text not in str(refused.value)


def test_a_bic_has_a_bank_a_country_and_perhaps_a_branch() -> None:
    assert bic("bylademm") == "BYLADEMM"
    for wrong in ("BYLA", "BYLA1EMM", "BYLADEM1001X"):
        with pytest.raises(Invalid):
            bic(wrong)


def test_what_is_shown_or_logged_of_an_account_is_a_mask() -> None:
    details = bank_details("Rheinstrom GmbH", EXAMPLES[0])
    assert masked(details.iban) == "DE…3000"
    assert "0532" not in repr(details)
    assert "0532" not in details.reference(PartyId("cpo_rhein"), "salt")


def test_other_details_are_another_account() -> None:
    party = PartyId("cpo_rhein")
    one = bank_details("Rheinstrom", EXAMPLES[0])
    assert one.reference(party, "s") == bank_details("Rheinstrom", EXAMPLES[0]).reference(
        party, "s"
    )
    assert one.reference(party, "s") != bank_details("Rheinstrom", EXAMPLES[1]).reference(
        party, "s"
    )
    assert one.reference(party, "s") != one.reference(party, "t")
