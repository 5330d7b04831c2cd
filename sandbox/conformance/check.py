"""Can the channel use a CPO's endpoint? The examination, in the order of a first connection."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.connection.ours import COUNTRY_CODE, PARTY_ID
from chalicelib.domain.network.location import Location
from chalicelib.domain.tariff.compare import Verdict
from chalicelib.ocpi.language import language
from chalicelib.ocpi.lenient.tariff import Owner
from sandbox.conformance.answering import Answering
from sandbox.conformance.commands import Charger, not_tried, published, start_and_stop
from sandbox.conformance.entrance import enter
from sandbox.conformance.finding import Outcome, Report
from sandbox.conformance.handshake import leave, not_registered, register
from sandbox.conformance.lists import Listed, pull
from sandbox.conformance.objects import (
    Read,
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


@dataclass(frozen=True, slots=True)
class Options:
    """What beside reading is asked for, and how.

    `us` answers the CPO; with `registers` credentials are exchanged first, and withdrawn at the
    end. `charger`: a charge is started and stopped there. `party` is asked, of a hub.
    """

    version: str = ""
    raw_token: bool = False
    party: Owner | None = None
    us: Answering | None = None
    registers: bool = False
    charger: Charger | None = None


def examine(url: str, token: str, now: datetime, options: Options) -> Report:
    report, probe = Report(url), Probe(token, raw_token=options.raw_token)
    try:
        endpoints = enter(report, probe, url, options.version)
        if endpoints:
            _examined(report, probe, endpoints, now, options)
    finally:
        probe.close()
    return report


def _examined(
    report: Report, probe: Probe, endpoints: dict[str, str], now: datetime, options: Options
) -> None:
    credentials, us = endpoints.get("credentials", ""), options.us
    registers = us if options.registers and credentials else None
    if registers is None:
        not_registered(report)
    elif register(report, probe, credentials, registers) is None:
        return
    probe.routing = _routing(report.version, options.party)
    owner = options.party or Owner("", "")
    read = readers(report.version, owner)
    places = _modules(report, probe, endpoints, now, read)
    needed = {"commands.RECEIVER", "sessions.SENDER"} <= endpoints.keys()
    if options.charger is None or us is None or not needed:
        not_tried(report)
    elif charger := published(report, options.charger, places):
        start_and_stop(report, probe, endpoints, us, charger, read["sessions"])
    probe.routing = {}
    if registers is not None:
        leave(report, probe, credentials)


def _routing(version: str, party: Owner | None) -> dict[str, str]:
    if not language(version).roles:
        return {}  # 2.1.1 routes nothing
    headers = {"OCPI-from-country-code": COUNTRY_CODE, "OCPI-from-party-id": PARTY_ID}
    if party is not None:
        headers |= {"OCPI-to-country-code": party.country_code, "OCPI-to-party-id": party.party_id}
    return headers


def _modules(
    report: Report,
    probe: Probe,
    endpoints: dict[str, str],
    now: datetime,
    read: dict[str, Read],
) -> list[Location]:
    """The locations that could be read."""
    found: dict[str, list[Any]] = {}
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
    return found["locations"]


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
