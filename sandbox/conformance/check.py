"""Can the channel use a CPO's endpoint? The examination, in the order of a first connection."""

from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.connection.ours import COUNTRY_CODE, PARTY_ID
from chalicelib.domain.tariff.compare import Verdict
from chalicelib.ocpi.lenient.tariff import Owner
from sandbox.conformance.entrance import enter
from sandbox.conformance.finding import Outcome, Report
from sandbox.conformance.handshake import Answering, leave, register
from sandbox.conformance.lists import Listed, pull
from sandbox.conformance.objects import (
    cdrs_name_sessions,
    prices_exist,
    readers,
    tariffs_are_sound,
    understand,
)
from sandbox.conformance.probe import Probe, Silent
from sandbox.repricing.again import again
from sandbox.repricing.book import Book
from sandbox.repricing.stream import Found

MODULES = ("locations", "tariffs", "sessions", "cdrs")
_LOOK_BACK = timedelta(days=90)
_NOT_FOUND = 404
_UNKNOWN = "plugrail-no-such-object"


def examine(
    url: str,
    token: str,
    now: datetime,
    *,
    version: str = "",
    raw_token: bool = False,
    party: Owner | None = None,
    us: Answering | None = None,
) -> Report:
    """`us`: register first with the token, and leave at the end. `party` is asked, of a hub."""
    report = Report(url)
    headers = {"OCPI-from-country-code": COUNTRY_CODE, "OCPI-from-party-id": PARTY_ID}
    if party is not None:
        headers |= {"OCPI-to-country-code": party.country_code, "OCPI-to-party-id": party.party_id}
    probe = Probe(token, raw_token=raw_token, headers=headers)
    try:
        endpoints = enter(report, probe, url, version)
        if not endpoints:
            return report
        credentials = endpoints.get("credentials", "")
        if us is not None and credentials and register(report, probe, credentials, us) is None:
            return report
        _modules(report, probe, endpoints, now, party or Owner("", ""))
        if us is not None and credentials:
            leave(report, probe, credentials)
    finally:
        probe.close()
    return report


def _modules(
    report: Report, probe: Probe, endpoints: dict[str, str], now: datetime, owner: Owner
) -> None:
    read, found = readers(report.version, owner), dict[str, list[Any]]()
    listed: dict[str, Listed] = {}
    for module in MODULES:
        address = endpoints.get(f"{module}.SENDER")
        listed[module] = Listed()
        if address is not None:
            listed[module] = pull(report, probe, module, address, now - _LOOK_BACK, now)
        found[module] = understand(report, module, listed[module], read[module])
    if address := endpoints.get("locations.SENDER"):
        _unknown(report, probe, address)
    prices_exist(report, found["locations"], found["tariffs"])
    tariffs_are_sound(report, found["tariffs"], now)
    cdrs_name_sessions(report, found["cdrs"])
    zones = [place.time_zone for place in found["locations"]]
    _bills(report, listed["cdrs"], max(zones, key=zones.count, default=""))


def _unknown(report: Report, probe: Probe, address: str) -> None:
    hint = "answer HTTP 404 for an object that there is not"
    check = report.check("an unknown location is HTTP 404", "mod_locations: GET Method", hint)
    try:
        status = probe.get(f"{address.rstrip('/')}/{_UNKNOWN}").status
    except Silent as error:
        check.fails(str(error))
        return
    if status != _NOT_FOUND:
        check.is_mended(f"HTTP {status}: we go by the list")


def _bills(report: Report, listed: Listed, zone: str) -> None:
    """A driver pays the lower of published price and claim: here they differ."""
    hint = "run `python -m sandbox price` on the CDR: it explains every line"
    check = report.check("CDRs cost what their tariffs say", "mod_cdrs: total_cost", hint)
    if not listed.objects or not zone:
        check.skips("needs CDRs, and a location's time zone")
        return
    found = [Found(f"cdrs[{number}]", one.text, 0) for number, one in enumerate(listed.objects)]
    outcome = again(found, Book((), zone), report.version)
    for refusal in outcome.refusals:
        check.is_mended(f"cannot be priced: {refusal}")
    for one in outcome.differences:
        sums = f"{one.claimed:f} for {one.priced:f} {one.currency} excl. VAT: {one.reason}"
        more = one.verdict is Verdict.OVERCHARGED
        check.found(Outcome.FAILED if more else Outcome.MENDED, f"{one.cdr_id} asks {sums}")
