"""How does a CPO publish its tariffs? (mod_tariffs 11.2.2)"""

from collections.abc import Sequence

from chalicelib.domain.errors import Invalid
from chalicelib.domain.tariff.lint.finding import Finding
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.network.accept_tariff import (
    accept_tariff,
    published_raw,
    withdraw_tariff,
)

_MESSAGE_MAX = 255


def show(call: Call) -> Reply:
    country, party, id_ = _url(call)
    speaks_for(call.connection, country, party)
    return Reply(raw=published_raw(call.ports, call.connection, country, party, id_).decode())


def put(call: Call) -> Reply:
    tariff, mended = read_tariff(call.body)
    told = (tariff.country_code, tariff.party_id, tariff.id)
    if told != _url(call):
        raise Invalid("id", f"{'/'.join(told)} is not the {'/'.join(_url(call))} of the URL")
    accepted = accept_tariff(call.ports, call.connection, tariff, call.text, *mended)
    return Reply(message=_told(accepted.findings))


def _told(findings: Sequence[Finding]) -> str:
    """For the CPO's log: a status_message is a text of 255."""
    told = "; ".join(f"{one.code} {one.place}" for one in findings)
    text = f"accepted, {len(findings)} findings: {told}" if findings else ""
    return text if len(text) <= _MESSAGE_MAX else f"{text[: _MESSAGE_MAX - 1]}…"


def withdraw(call: Call) -> Reply:
    withdraw_tariff(call.ports, call.connection, *_url(call))
    return Reply()


def _url(call: Call) -> tuple[str, str, str]:
    ids = call.ids
    return ids["country_code"].upper(), ids["party_id"].upper(), ids["tariff_id"]


serve(
    "/ocpi/2.2.1/tariffs/{country_code}/{party_id}/{tariff_id}",
    {"GET": show, "PUT": put, "DELETE": withdraw},
)
