"""How is OCPI spoken in each of its versions? Everything that differs, behind one set of functions.

A message is read by the version of the URL that it came to, a peer is addressed in the version that
was agreed with it. A version's own readers and writers are imported when it is first spoken.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.location import Location
from chalicelib.domain.session.charged import ReceivedCdr, ReportedSession
from chalicelib.domain.session.report import Change
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.token.token import Token
from chalicelib.ocpi.envelope.credentials import Credentials
from chalicelib.ocpi.lenient.tariff import Owner

VERSIONS = ("2.3.0", "2.2.1", "2.1.1")  # newest first: the first mutual one is agreed
Mended = tuple[str, ...]  # what was read otherwise than it was sent


@dataclass(frozen=True, slots=True)
class Language:
    """One version. Readers raise Invalid; `Owner` counts only where an object may name none."""

    version: str
    endpoints: tuple[tuple[str, str], ...]  # our modules, and our role in each
    roles: bool  # endpoints have roles, messages may be routed: since 2.2
    dated_patches: bool  # every PATCH tells `last_updated`: since 2.2
    read_credentials: Callable[[Any], Credentials]
    # Token, versions URL, and to an eMSP the CPOs that we stand for:
    write_credentials: Callable[[str, str, Sequence[str] | None], dict[str, Any]]
    read_location: Callable[[object, PeerId, Mapping[str, PartyId], Owner], tuple[Location, Mended]]
    read_tariff: Callable[[object, Owner], tuple[Tariff, Mended]]
    read_session: Callable[[object, Owner], tuple[ReportedSession, Mended]]
    read_patch: Callable[[object], tuple[Change, Mended]]
    read_cdr: Callable[[object, str, Owner], tuple[ReceivedCdr, Mended]]  # with its hash
    write_token: Callable[[Token], dict[str, Any]]
    token_types: Callable[[str], frozenset[str]]  # of ours, that a CPO means by one of its own
    tells_token: bool  # an authorization's answer carries the token and our reference: since 2.2
    # Token, location, EVSE, connector, authorization reference, response URL:
    # Token, reservation, location, EVSE, until, response URL:
    write_reserve: Callable[[Token, str, str, str, datetime, str], dict[str, Any]]
    write_start: Callable[[Token, str, str, str, str, str], dict[str, Any]]


@cache
def language(version: str) -> Language:
    """One of VERSIONS."""
    assert version in VERSIONS, f"nobody agreed on OCPI {version}"
    found = import_module(f"chalicelib.ocpi.v{version.replace('.', '_')}.language").LANGUAGE
    assert isinstance(found, Language), "each version has one"
    return found
