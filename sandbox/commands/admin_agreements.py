"""How does staff bring two sides to terms: propose, countersign, or record what is on paper?"""

import argparse
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from typing import Any

from chalicelib.domain.agreement.agreement import Agreement, Bearer, Form, PaymentMethod, Role
from chalicelib.domain.agreement.signing import Side
from chalicelib.domain.agreement.terms import ChargebackTerms, DriverRebate, FeeTerms, Tier
from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import DomainError
from chalicelib.domain.ids import AgreementId, PartyId
from chalicelib.domain.money import currency
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.agreement.find import agreements_of
from chalicelib.usecases.agreement.make import ON_PAPER, make_agreement
from chalicelib.usecases.agreement.propose import countersign, proposals_of, propose
from chalicelib.usecases.agreement.volume import count_volume
from sandbox.commands import typed as read

_CHARGEBACKS = {  # each kind, with who bears it unless it is agreed otherwise
    field.name: field.default for field in fields(ChargebackTerms)
}


def register(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    make = verbs.add_parser("make", help="record terms that both sides signed on paper")
    _terms(make)
    make.add_argument("--signed-by-seller", default=ON_PAPER[0], help="the CPO's or our person")
    make.add_argument("--signed-by-partner", default=ON_PAPER[1], help="the partner's person")
    make.set_defaults(action=_make)
    proposed = verbs.add_parser("propose", help="propose terms; the other side countersigns")
    _terms(proposed)
    _side(proposed)
    proposed.add_argument("--signed-by", required=True, help="who signs for that side")
    proposed.set_defaults(action=_propose)
    signed = verbs.add_parser("countersign", help="the other side signs what was proposed")
    signed.add_argument("partner", help=read.PARTNER)
    signed.add_argument("agreement", help="agr_…")
    signed.add_argument("--hash", required=True, help="of the terms that were read")
    _side(signed)
    signed.add_argument("--signed-by", required=True, help="who signs for that side")
    signed.set_defaults(action=_countersign)
    listing = verbs.add_parser("list", help="a partner's agreements, and open proposals")
    listing.add_argument("partner", help=read.PARTNER)
    listing.set_defaults(action=_list)
    count = verbs.add_parser("count-volume", help="count a month that is over, for tiers")
    count.add_argument("partner", help=read.PARTNER)
    count.add_argument("month", help="yyyymm, e.g. 202611")
    count.set_defaults(action=lambda p, a: to_plain(count_volume(p, PartyId(a.partner), a.month)))


def _side(parser: argparse.ArgumentParser) -> None:
    words = "who signs: the CPO or channel, or the partner"
    parser.add_argument("--side", **read.one_of(Side), default=Side.SELLER, help=words)


def _terms(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--partner", required=True, help=read.PARTNER)
    parser.add_argument("--cpo", default="*", help="cpo_…, or every CPO without terms of its own")
    parser.add_argument("--commission", required=True, type=read.fraction, help="of the net: 8%%")
    parser.add_argument(
        "--share", required=True, type=read.fraction, help="the partner's part: 50%%"
    )
    parser.add_argument(
        "--pay", required=True, **read.one_of(PaymentMethod), help="how the driver's charge is paid"
    )
    parser.add_argument("--since", required=True, type=read.day, help="the first day")
    parser.add_argument("--until", type=read.day, help="the first day on which it holds no more")
    parser.add_argument("--replaces", help="agr_… that ends on the day these begin")
    parser.add_argument(
        "--role",
        **read.one_of(Role),
        default=Role.COMMISSION_CHAIN,
        help="we buy and sell in our own name, or the CPO sells and we collect for it",
    )
    parser.add_argument(
        "--form",
        **read.one_of(Form),
        default=Form.MARGIN,
        help="of the commission in a chain: a discount to us, or a service invoiced to the CPO",
    )
    parser.add_argument("--credit-limit", type=read.amount, help="on invoice: most owed at once")
    parser.add_argument(
        "--fx-margin",
        type=read.fraction,
        default=Decimal(0),
        help="kept of what a payee gets in another currency: 1%%",
    )
    parser.add_argument("--rebate", type=read.fraction, help="the driver's discount: 5%%")
    _bearers(parser)
    for name in ("commission", "share", "rebate"):
        parser.add_argument(f"--{name}-terms", type=fee_terms, help=fee_terms.__doc__)


def _bearers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fee-bearer",
        **read.one_of(Bearer),
        default=Bearer.PLATFORM,
        help="who bears the payment provider's fees",
    )
    for name, bearer in _CHARGEBACKS.items():
        words = f"who bears a chargeback: {name.replace('_', ' ')}"
        option = f"--chargeback-{name.replace('_', '-')}"
        parser.add_argument(option, **read.one_of(Bearer), default=bearer, help=words)
    parser.add_argument(
        "--rebate-by", **read.one_of(Bearer), default=Bearer.PLATFORM, help="who gives it"
    )


def fee_terms(text: str) -> FeeTerms:
    """`EUR:kwh=0.015:session=0.25:least=0.10:most=3:tier=10000/6%%/0.01/0.20`; what applies."""
    code, *parts = text.split(":")
    given: dict[str, Decimal] = {}
    tiers = []
    try:
        for part in parts:
            name, _, value = part.partition("=")
            if name == "tier":
                tiers.append(_tier(value))
            else:
                given[_NAMES[name]] = Decimal(value)
        return FeeTerms(currency(code) if code else None, tiers=tuple(tiers), **given)
    except (KeyError, ValueError, InvalidOperation, DomainError) as error:
        form = fee_terms.__doc__ or ""
        raise argparse.ArgumentTypeError(f"{text!r} is not like {form}") from error


_NAMES = {"kwh": "per_kwh", "session": "per_session", "least": "least", "most": "most"}


def _tier(text: str) -> Tier:
    start, rate, *amounts = text.split("/")
    return Tier(Decimal(start), read.fraction(rate), *(Decimal(amount) for amount in amounts))


def _agreement(ports: Ports, a: argparse.Namespace) -> Agreement:
    rebate = None
    if a.rebate is not None or a.rebate_terms is not None:
        rebate = DriverRebate(a.rebate_by, a.rebate or Decimal(0), a.rebate_terms)
    return Agreement(
        id=AgreementId(ports.ids.new("agr")),
        partner_id=PartyId(a.partner),
        cpo_id=PartyId(a.cpo),
        commission=a.commission,
        partner_share=a.share,
        payment_method=a.pay,
        since=a.since,
        role=a.role,
        form=a.form,
        fee_bearer=a.fee_bearer,
        until=a.until,
        credit_limit=a.credit_limit,
        commission_terms=a.commission_terms,
        share_terms=a.share_terms,
        driver_rebate=rebate,
        fx_margin=a.fx_margin,
        chargeback_terms=ChargebackTerms(
            **{name: getattr(a, f"chargeback_{name}") for name in _CHARGEBACKS}
        ),
        replaces=None if a.replaces is None else AgreementId(a.replaces),
    )


def _make(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401 - plain JSON
    signed_by = (a.signed_by_seller, a.signed_by_partner)
    return _shown(make_agreement(ports, _agreement(ports, a), signed_by))


def _propose(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401
    return _shown(propose(ports, _agreement(ports, a), a.side, a.signed_by))


def _countersign(ports: Ports, a: argparse.Namespace) -> Any:  # noqa: ANN401
    id_ = AgreementId(a.agreement)
    return _shown(countersign(ports, PartyId(a.partner), id_, a.hash, a.side, a.signed_by))


def _list(ports: Ports, a: argparse.Namespace) -> list[Any]:
    partner = PartyId(a.partner)
    return [_shown(one) for one in (*agreements_of(ports, partner), *proposals_of(ports, partner))]


def _shown(agreement: Agreement) -> dict[str, Any]:
    state = "countersigned" if agreement.in_order else "proposed"
    return {**to_plain(agreement), "hash": agreement.hash, "state": state}
