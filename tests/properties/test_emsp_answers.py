"""Can an eMSP's answer about a card be anything but a permission, a refusal, or unreadable?"""

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Invalid
from chalicelib.domain.token.authorization import Allowed
from chalicelib.ocpi.v2_2_1.authorization import read_answer

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=40)
words = st.sampled_from([*Allowed, "allowed", "PERHAPS", ""])
json = st.recursive(scalars | words, lambda inner: st.lists(inner, max_size=3), max_leaves=6)
places = st.fixed_dictionaries({}, optional={"location_id": json, "evse_uids": json})
texts = st.fixed_dictionaries({}, optional={"language": json, "text": json})
infos = st.fixed_dictionaries(
    {},
    optional={
        "allowed": words | json,
        "location": places | json,
        "authorization_reference": json,
        "info": texts | json,
        "token": json,
    },
)


@given(infos | json)
def test_only_the_word_itself_is_a_permission(told: Any) -> None:
    with suppress(Invalid):
        answer = read_answer(told)
        said = isinstance(told["allowed"], str) and told["allowed"].upper() == "ALLOWED"
        assert (answer.allowed is Allowed.ALLOWED) is said
        assert all(isinstance(uid, str) for uid in answer.evse_uids)
        assert set(answer.info) in (set(), {"language", "text"})
