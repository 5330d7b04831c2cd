"""Can a partner read what is proposed to it, and sign exactly that?"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.access.key import Scope
from chalicelib.domain.agreement.agreement import Agreement, PaymentMethod
from chalicelib.domain.agreement.signing import Side
from chalicelib.domain.agreement.terms import Bearer, DriverRebate, FeeTerms, Tier
from chalicelib.domain.ids import AgreementId
from chalicelib.usecases.agreement.find import agreements_of
from chalicelib.usecases.agreement.propose import propose
from sandbox.memory.world import EUR


@pytest.fixture
def proposed(api: Any) -> Agreement:
    """New terms from December on, instead of those that the world began with."""
    (old,) = agreements_of(api.world.ports, api.partner_id)
    tiers = (Tier(Decimal(10_000), Decimal("0.06")),)
    terms = replace(
        old,
        id=AgreementId("agr_new"),
        since=date(2026, 12, 1),
        replaces=old.id,
        commission_terms=FeeTerms(EUR, per_session=Decimal("0.10"), tiers=tiers),
        driver_rebate=DriverRebate(Bearer.PARTNER, Decimal("0.02")),
    )
    return propose(api.world.ports, terms, Side.SELLER, "Nina Nord")


def _sign(api: Any, hash_: str, **body: str) -> Any:
    return api.post(
        "/v1/agreements/agr_new/countersign", {"hash": hash_, "signed_by": "Ada", **body}
    )


def test_a_proposal_is_listed_and_read_with_all_its_terms(api: Any, proposed: Agreement) -> None:
    old, new = api.get("/v1/agreements").json["data"]
    assert (old["state"], old["in_force"]) == ("countersigned", True)
    assert (new["state"], new["in_force"], new["version"]) == ("proposed", False, 2)
    assert new["replaces"] == old["id"]
    assert new["hash"] == proposed.hash
    assert [(s["side"], s["person"]) for s in new["signatures"]] == [("seller", "nina nord")]
    assert new["commission_terms"]["tiers"][0]["from_kwh"] == "10000"
    assert new["driver_rebate"] == {"paid_by": "partner", "fraction": "0.02"}
    assert api.get("/v1/agreements/agr_new").json == new


def test_signed_it_is_in_force_from_its_day_and_twice_is_once(
    api: Any, proposed: Agreement
) -> None:
    first = _sign(api, proposed.hash)
    assert (first.status, first.json["state"]) == (200, "countersigned")
    assert _sign(api, proposed.hash).json == first.json
    old, new = api.get("/v1/agreements").json["data"]
    assert (old["until"], new["since"]) == ("2026-12-01", "2026-12-01")
    assert new == first.json


def test_another_content_or_nobodys_name_is_not_signed(api: Any, proposed: Agreement) -> None:
    answer = _sign(api, "0" * 64)
    assert (answer.status, answer.json["code"]) == (422, "other_terms")
    answer = _sign(api, proposed.hash, signed_by="NINA nord")
    assert (answer.status, answer.json["code"]) == (403, "same_side")
    assert _sign(api, proposed.hash, signed_by="").status == 422
    assert len(agreements_of(api.world.ports, api.partner_id)) == 1


def test_signing_needs_its_scope_and_the_partners_own_key(api: Any, proposed: Agreement) -> None:
    reading = api.as_partner(PaymentMethod.CARD, Scope.AGREEMENTS_READ)
    assert _sign(reading, proposed.hash).json["code"] == "scope_missing"
    other = api.as_partner(PaymentMethod.INVOICE)
    answer = _sign(other, proposed.hash)
    assert (answer.status, answer.json["code"]) == (404, "not_found")
