"""How does a CPO publish its tariffs? (mod_tariffs 11.2.2)"""

from collections.abc import Sequence
from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import same_ids
from chalicelib.domain.tariff.lint.finding import Finding
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve
from chalicelib.ocpi.envelope.body import dump, parse_object
from chalicelib.ocpi.lenient.update import merged
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.hub.news import tariff_changed
from chalicelib.usecases.network.accept_tariff import (
    accept_tariff,
    published_raw,
    withdraw_tariff,
)
from chalicelib.usecases.tariff.findings import publications

_MESSAGE_MAX = 255
_PATH = "/tariffs/{country_code}/{party_id}/{tariff_id}"


def show(call: Call) -> Reply:
    """As it was last published, with what was found in it: a pulled one is told of nowhere else."""
    country, party, id_ = _url(call)
    speaks_for(call.connection, country, party)
    raw = published_raw(call.ports, call.connection, country, party, id_)
    (newest,) = publications(call.ports, call.connection.id, country, party, id_, limit=1)
    return Reply(raw=raw.decode(), message=_told(newest.findings))


def put(call: Call) -> Reply:
    text = call.text
    return _accept(call, parse_object(text), text)


def patch(call: Call) -> Reply:
    """2.1.1 alone has it. A version is known by its content: the whole is accepted anew."""
    country, party, id_ = _url(call)
    speaks_for(call.connection, country, party)
    known = parse_object(published_raw(call.ports, call.connection, country, party, id_))
    update = call.body
    dated = {"last_updated": known.get("last_updated"), **update}
    whole = merged("tariff", known, dated, whole=False)
    return _accept(call, whole, dump(whole))


def _accept(call: Call, value: dict[str, Any], text: str) -> Reply:
    tariff, mended = call.language.read_tariff(value, call.owner)
    told = (tariff.country_code, tariff.party_id, tariff.id)
    if not same_ids(told, _url(call)):
        raise Invalid("id", f"{'/'.join(told)} is not the {'/'.join(_url(call))} of the URL")
    accepted = accept_tariff(call.ports, call.connection, tariff, text, *mended)
    if accepted.news:
        tariff_changed(call.ports, f"{tariff.country_code}*{tariff.party_id}", tariff.id)
    return Reply(message=_told(accepted.findings))


def _told(findings: Sequence[Finding]) -> str:
    """For the CPO's log: a status_message is a text of 255."""
    told = "; ".join(f"{one.code} {one.place}" for one in findings)
    text = f"accepted, {len(findings)} findings: {told}" if findings else ""
    return text if len(text) <= _MESSAGE_MAX else f"{text[: _MESSAGE_MAX - 1]}…"


def withdraw(call: Call) -> Reply:
    country, party, id_ = _url(call)
    withdraw_tariff(call.ports, call.connection, country, party, id_)
    tariff_changed(call.ports, f"{country}*{party}", id_)
    return Reply()


def _url(call: Call) -> tuple[str, str, str]:
    ids = call.ids
    return ids["country_code"].upper(), ids["party_id"].upper(), ids["tariff_id"]


serve(
    _PATH,
    {"GET": show, "PUT": put, "DELETE": withdraw},
    versions=("2.3.0", "2.2.1"),
)
serve(
    _PATH,
    {"GET": show, "PUT": put, "PATCH": patch, "DELETE": withdraw},
    versions=("2.1.1",),
)
