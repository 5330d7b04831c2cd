"""Do a CPO's objects say what we can use: locations, tariffs, sessions, CDRs, and do they fit?"""

from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PeerId
from chalicelib.domain.network.location import Location
from chalicelib.domain.session.charged import ReceivedCdr
from chalicelib.domain.tariff.lint.check import lint
from chalicelib.domain.tariff.lint.finding import Severity
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ocpi.envelope.body import Sent
from chalicelib.ocpi.language import language
from chalicelib.ocpi.lenient.tariff import Owner
from sandbox.conformance.finding import Report
from sandbox.conformance.lists import Listed

_SECTIONS = {
    "locations": "mod_locations: Object description",
    "tariffs": "mod_tariffs: Object description",
    "sessions": "mod_sessions: Object description",
    "cdrs": "mod_cdrs: Object description",
}
Read = Callable[[Sent], tuple[Any, tuple[str, ...]]]


def readers(version: str, owner: Owner) -> dict[str, Read]:
    """How each module's objects are read when they arrive at the channel."""
    spoken = language(version)
    return {
        "locations": lambda sent: spoken.read_location(sent.value, PeerId("peer"), {}, owner),
        "tariffs": lambda sent: spoken.read_tariff(sent.value, owner),
        "sessions": lambda sent: spoken.read_session(sent.value, owner),
        "cdrs": lambda sent: spoken.read_cdr(
            sent.value, sha256(sent.text.encode()).hexdigest(), owner
        ),
    }


def understand(report: Report, module: str, listed: Listed, read: Read) -> list[Any]:
    """What of the list could be read."""
    hint = "see the path of each: what is mended here may be refused elsewhere"
    check = report.check(f"{module}: every object can be read", _SECTIONS[module], hint)
    if not listed.objects:
        check.skips(f"the CPO lists no {module}")
    found = []
    for sent in listed.objects:
        name = sent.value.get("id") if isinstance(sent.value, dict) else None
        try:
            value, mended = read(sent)
        except Invalid as error:
            check.fails(f"{str(name)[:40]}: {error}")
            continue
        for note in mended:
            check.is_mended(f"{str(name)[:40]}: {note}")
        found.append(value)
    return found


def prices_exist(report: Report, locations: Iterable[Location], tariffs: Iterable[Tariff]) -> None:
    """Every connector names a tariff that is published: nobody can be quoted a price otherwise."""
    hint = "publish the tariff, or name the one that holds in tariff_ids"
    check = report.check(
        "every connector has a published tariff", "mod_locations: Connector tariff_ids", hint
    )
    known = {one.id.lower() for one in tariffs}
    plugs = [
        (f"{place.id} {evse.uid} {plug.id}", plug.tariff_ids)
        for place in locations
        for evse in place.evses
        for plug in evse.connectors
    ]
    if not plugs:
        check.skips("no connector is listed")
    for name, tariff_ids in plugs:
        absent = [id_ for id_ in tariff_ids if id_.lower() not in known]
        if not tariff_ids:
            check.fails(f"{name} names no tariff")
        elif len(absent) == len(tariff_ids):
            check.fails(f"{name} names {', '.join(absent)[:60]}, which is not published")
        elif absent:
            check.is_mended(f"{name} also names {', '.join(absent)[:60]}, which is not published")


def tariffs_are_sound(report: Report, tariffs: Iterable[Tariff], at: datetime) -> None:
    """`sandbox lint` tells the same in full."""
    hint = "run `python -m sandbox lint` on it: notes are harmless, warnings surprise drivers"
    check = report.check("tariffs say what they mean", "mod_tariffs", hint)
    for tariff in tariffs:
        for one in lint(tariff, at):
            told = f"{tariff.id} {one.place}: {one.code}: {one.text}"
            if one.severity is Severity.ERROR:
                check.fails(told)
            elif one.severity is Severity.WARNING:
                check.is_mended(told)


def cdrs_name_sessions(report: Report, cdrs: Iterable[ReceivedCdr]) -> None:
    """A CDR without our reference or its session's id can only be matched by hand."""
    hint = "echo authorization_reference, and name session_id"
    check = report.check("CDRs name their sessions", "mod_cdrs: CDR session_id", hint)
    for cdr in cdrs:
        if not cdr.credit and not cdr.session_id and not cdr.authorization_reference:
            check.is_mended(f"{cdr.id}: it is matched by token, EVSE and time")
