"""Do the parts of an evidence pack give the same cents again? Nothing but the pack is read.

The tariff's hash, the signed terms and the CDR as it was sent are checked against what the bill was
made from; then price, rebate, split, its lines, the session's bill and the sale's entry are worked
out anew and compared. VAT rates come from the dated table, whose rows never change.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.errors import DomainError
from chalicelib.domain.evidence.manifest import MANIFEST
from chalicelib.domain.ledger.sale import sale_entry
from chalicelib.domain.money import Money
from chalicelib.domain.revenue.explain import explain
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.tariff.prepare import prepare
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.version import tariff_hash
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.usecases.session.bill import Billing, Pinned, as_bill, billed
from chalicelib.usecases.session.terms import Terms
from sandbox import documents

_NEEDED = ("session", "tariff", "terms", "authorisation", "payment", "reading", "split", "price")
_RAW = "cdr"  # the CPO's own bytes; every other part is ours
_AS_SENT = ("start", "end", "currency", "total_cost", "total_energy_kwh", "periods")


def differences(files: Mapping[str, bytes]) -> list[str]:
    """What comes out otherwise, as `part.path: sealed, computed again`; nothing: all the same."""
    listed = json.loads(files[MANIFEST])["parts"]
    ours = {one["part"]: one["file"] for one in listed if one["part"] != _RAW}
    parts = {part: json.loads(files[file]) for part, file in ours.items()}
    raw = next((files[one["file"]] for one in listed if one["part"] == _RAW), b"")
    missing = [name for name in _NEEDED if name not in parts]
    if missing:
        return [f"{missing[0]}: is not in the pack, so nothing can be computed again"]
    try:
        return list(_differences(parts, raw))
    except (DomainError, KeyError, TypeError, ValueError) as error:
        return [f"the pack's parts have no reading: {error!r}"]


def _differences(parts: Mapping[str, Any], raw: bytes) -> Iterator[str]:
    tariff = from_plain(Tariff, parts["tariff"]["tariff"])
    cdr = from_plain(ReceivedCdr, parts["reading"])
    terms = from_plain(Terms, parts["terms"])
    yield from _differ("session.tariff_hash", parts["session"]["tariff_hash"], tariff_hash(tariff))
    hashes = [tariff_hash(one) for one in _others(parts)]
    yield from _differ("session.other_tariffs", parts["session"].get("other_tariffs", []), hashes)
    yield from _differ("session.agreement_id", parts["session"]["agreement_id"], terms.agreement.id)
    if not terms.agreement.in_order:
        yield "terms.agreement: is not what both sides signed"
    yield from _as_sent(raw, cdr)
    billing = _again(parts, _pinned(parts, tariff, terms), cdr)
    yield from _differ("split", parts["split"], to_plain(billing.allocation))
    yield from _differ("split_lines", parts.get("split_lines"), to_plain(explain(billing.sale)))
    for name in ("published", "claimed", "gross"):
        yield from _differ(f"price.{name}", parts["price"][name], to_plain(getattr(billing, name)))
    bill = to_plain(as_bill(billing, cdr))
    yield from _differ("session.bill", parts["session"]["bill"], bill)
    yield from _journal(parts.get("journal", []), billing, cdr.id)


def _others(parts: Mapping[str, Any]) -> Iterator[Tariff]:
    """The further tariffs whose versions the session pinned. Raises KeyError: one is not there."""
    inside = {one["hash"]: one["tariff"] for one in parts.get("other_tariffs", ())}
    for hash_ in parts["session"].get("other_tariffs", ()):
        yield from_plain(Tariff, inside[hash_])


def _pinned(parts: Mapping[str, Any], tariff: Tariff, terms: Terms) -> Pinned:
    session, asked = parts["session"], parts["authorisation"]
    captured = parts["payment"].get("captured")
    return Pinned(
        tariff=prepare(tariff, session["time_zone"]),
        terms=terms,
        country=session["country"],
        time_zone=session["time_zone"],
        currency=from_plain(Money, asked["hold"]).currency,
        method=PaymentMethod(asked["method"]),
        captured=None if captured is None else from_plain(Money, captured),
        others=tuple(prepare(one, session["time_zone"]) for one in _others(parts)),
    )


def _again(parts: Mapping[str, Any], pinned: Pinned, cdr: ReceivedCdr) -> Billing:
    """The bill, freely; or within what was captured before the CDR came, where that is the one."""
    limited = billed(pinned, cdr)
    free = billed(replace(pinned, captured=None), cdr)
    provisional = any(one["event"] == "provisional" for one in parts.get("journal", []))
    as_sealed = to_plain(limited.allocation) == parts["split"]
    return limited if provisional and as_sealed else free


def _as_sent(raw: bytes, cdr: ReceivedCdr) -> Iterator[str]:
    """The CDR's own bytes against the reading that was billed."""
    if not raw:
        yield "cdr: is not in the pack as it was sent"
        return
    sent, _, _ = documents.read_cdr(parse_object(raw))
    for name in _AS_SENT:
        read, kept = to_plain(getattr(sent, name)), to_plain(getattr(cdr, name))
        yield from _differ(f"reading.{name}", kept, read)


def _journal(journal: list[Any], billing: Billing, cdr_id: str) -> Iterator[str]:
    """The sale's entry, posting by posting; a sale of nothing has none.

    The journal behind a credited bill has that bill's sale, too: the CDR says which is this one's.
    """
    for number, one in enumerate(journal):
        if one["event"] == "sale" and one["refs"].get("cdr", cdr_id) == cdr_id:
            at = datetime.fromisoformat(one["at"])
            agreement = billing.terms.agreement
            made = sale_entry(one["owner"], billing.allocation, agreement, at)
            postings = to_plain(made.postings)
            yield from _differ(f"journal.{number}.postings", one["postings"], postings)
            return
    if billing.gross.minor:
        yield "journal: has no sale"


def _differ(path: str, sealed: Any, again: Any) -> Iterator[str]:  # noqa: ANN401 - plain JSON
    if isinstance(sealed, dict) and isinstance(again, dict):
        for name in sorted(sealed.keys() | again.keys()):
            yield from _differ(f"{path}.{name}", sealed.get(name), again.get(name))
    elif isinstance(sealed, list) and isinstance(again, list) and len(sealed) == len(again):
        for number, (one, other) in enumerate(zip(sealed, again, strict=True)):
            yield from _differ(f"{path}.{number}", one, other)
    elif sealed != again:
        yield f"{path}: sealed {_shown(sealed)}, computed again {_shown(again)}"


def _shown(value: Any) -> str:  # noqa: ANN401
    return json.dumps(value, ensure_ascii=False)
