"""Does a long body come back from its item as it was, and does it take fewer write units?"""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb.packed import UNIT_BYTES, packed, text_of
from chalicelib.adapters.dynamodb.vocabulary import VOCABULARIES

KEY_BYTES = 100
# What was written with a vocabulary can be read with exactly that vocabulary: append, never change.
HASHES = ["d183b60ca51a951de6b0b72031eb30231b6b3c78ce0b13f6fb8e56094d359d6b"]


def test_a_vocabulary_never_changes() -> None:
    assert [sha256(words).hexdigest() for words in VOCABULARIES[: len(HASHES)]] == HASHES
    assert len(VOCABULARIES) >= len(HASHES)


@given(st.text(), st.integers(0, 5))
def test_every_body_comes_back_as_it_was(text: str, thousands: int) -> None:
    body = text + '{"currency":"EUR","minor":1749}' * 33 * thousands
    assert text_of(packed(body, KEY_BYTES)) == body


def test_a_body_that_fits_into_one_unit_stays_readable() -> None:
    text = '{"a":"' + "x" * (UNIT_BYTES - KEY_BYTES - 8) + '"}'
    assert packed(text, KEY_BYTES) == {"b": {"S": text}}
    assert set(packed(text + " ", KEY_BYTES)) == {"z"}


def test_a_body_whose_deflation_saves_no_unit_stays_readable() -> None:
    text = "x" * (UNIT_BYTES - KEY_BYTES)  # deflated to nothing, but the key alone takes two units
    assert packed(text, UNIT_BYTES + KEY_BYTES) == {"b": {"S": text}}
