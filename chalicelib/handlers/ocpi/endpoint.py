"""How is an OCPI request received? Authenticated, read, answered in OCPI's own envelope.

Each path stands once in every version that has it, and is read in that version's language. One view
a path takes every method, because Chalice would answer a wrong method or content type in a form
that is not OCPI's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple
from urllib.parse import unquote

from chalice.app import Request, Response

from chalicelib import wiring
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.ours import COUNTRY_CODE, HUB_VERSIONS, PARTY_ID
from chalicelib.domain.connection.refusals import WrongReceiver
from chalicelib.domain.errors import DomainError, Invalid
from chalicelib.domain.hub.refusals import WrongSide
from chalicelib.handlers.limits import MediaTypeUnsupported, check_size
from chalicelib.handlers.ocpi.refusal import MethodNotAllowed, refused, told
from chalicelib.handlers.routing import METHODS, Ids, answers
from chalicelib.ocpi.envelope import authorization
from chalicelib.ocpi.envelope.body import parse_object, text_of
from chalicelib.ocpi.envelope.reply import enveloped, enveloped_raw
from chalicelib.ocpi.language import VERSIONS, Language, language
from chalicelib.ocpi.lenient.basic import ID_CHARACTERS_MAX
from chalicelib.ocpi.lenient.tariff import Owner
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.connection.authenticate import authenticate, speaks_for
from chalicelib.usecases.hub.reach import ways

BODY_BYTES_MAX = 1_000_000  # the largest CDRs carry signed meter data
_HEADER_CHARACTERS_MAX = 128


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request; `ids` are the path's segments."""

    ports: Ports
    connection: Connection
    request: Request
    ids: Mapping[str, str]
    version: str  # of the URL; of those without one, the peer's

    @property
    def language(self) -> Language:
        return language(self.version)

    @property
    def owner(self) -> Owner:
        """Whose the object of the URL is; of a URL without an owner, the party that registered."""
        if "country_code" in self.ids:
            return Owner(self.ids["country_code"].upper(), self.ids["party_id"].upper())
        return Owner(*self.connection.spokesman)

    @property
    def to(self) -> str:
        """`CC*PID` of the party that the message is for; "" when that is us, or not told."""
        headers = self.request.headers
        country, party = headers.get("ocpi-to-country-code"), headers.get("ocpi-to-party-id")
        if not country or not party or (country.upper(), party.upper()) == (COUNTRY_CODE, PARTY_ID):
            return ""
        return f"{country}*{party}".upper()[:_HEADER_CHARACTERS_MAX]

    @property
    def correlation_id(self) -> str:
        """What a message that is passed on keeps; "" when it has none."""
        return _message_id(self.request, "X-Correlation-ID")

    @property
    def base_url(self) -> str:
        """Of the version, as peers see it."""
        return f"{self.ports.public_url}/ocpi/{self.version}"

    @property
    def text(self) -> str:
        """The body as it came. Raises BodyTooLarge, MediaTypeUnsupported, MalformedJson."""
        raw = self.request.raw_body
        assert isinstance(raw, bytes), "Chalice encodes a text body"
        check_size(raw, BODY_BYTES_MAX)
        content_type = self.request.headers.get("content-type", "")
        if content_type and content_type.partition(";")[0].strip().lower() != "application/json":
            raise MediaTypeUnsupported(content_type)
        return text_of(raw)

    @property
    def body(self) -> dict[str, Any]:
        """The body as a JSON object."""
        return parse_object(self.text)

    @property
    def has_body(self) -> bool:
        return bool(self.request.raw_body.strip())

    @property
    def query(self) -> dict[str, str]:
        return dict(self.request.query_params or {})


@dataclass(frozen=True, slots=True)
class Reply:
    """`raw` is JSON text that is given back as it is, in place of `data`."""

    data: Any = None
    http: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: str = ""
    status: int = 1000
    message: str = ""


View = Callable[[Call], Reply]
Headers = dict[str, str | list[str]]  # as Chalice types them


class Kind(Enum):
    """What a module is about: who may use it, and whether its messages are routed."""

    HANDSHAKE = "versions and credentials: also for peers that are only invited"
    CONFIGURATION = "of the platforms themselves: not routed"
    FUNCTIONAL = "of the parties behind them"
    HUB = "of the CPOs for which we stand, to eMSPs"
    HUB_ITSELF = "of us as their hub, to eMSPs: not routed"


class Served(NamedTuple):
    version: str  # empty for what stands above the versions
    path: str
    methods: tuple[str, ...]


# By path, of the modules imported so far; `openapi.all_served()` has all of them.
SERVED: dict[str, Served] = {}


def serve(
    path: str,
    views: Mapping[str, View],
    kind: Kind = Kind.FUNCTIONAL,
    versions: Sequence[str] = VERSIONS,
) -> None:
    """Route the methods of a path below `/ocpi/<version>`, in each version that has it."""
    for version in versions:
        _route(f"/ocpi/{version}{path}", version, views, kind)


def serve_emsps(path: str, views: Mapping[str, View], kind: Kind = Kind.HUB) -> None:
    """Route the methods of a path below `/ocpi/<version>/cpo`: there we are an eMSP's CPOs."""
    for version in HUB_VERSIONS:
        _route(f"/ocpi/{version}/cpo{path}", version, views, kind)


def serve_above(path: str, views: Mapping[str, View]) -> None:
    """Route the methods of a path that is of no version."""
    _route(path, "", views, Kind.HANDSHAKE)


def _route(path: str, version: str, views: Mapping[str, View], kind: Kind) -> None:
    SERVED[path] = Served(version, path, tuple(views))
    answers(path, *METHODS)(lambda request, ids: _serve(request, ids, version, views, kind))


def _serve(
    request: Request, ids: Ids, version: str, views: Mapping[str, View], kind: Kind
) -> Response:
    ports = wiring.ports()
    headers: Headers = {**_message_ids(ports, request), "Content-Type": "application/json"}
    try:
        call = _call(ports, request, ids, version, kind)
        if kind in {Kind.FUNCTIONAL, Kind.HUB} and call.language.roles:
            headers.update(_routing(call))
        reply = _view(views, request.method)(call)
    except DomainError as refusal:
        # Here and not in a middleware: Chalice makes a 500 of it before a middleware runs.
        http, status = refused(refusal, request.method)
        return Response(enveloped(ports.clock.now(), None, status, told(refusal)), headers, http)
    at = ports.clock.now()
    text = enveloped_raw(at, reply.raw, reply.message) if reply.raw else _enveloped(at, reply)
    return Response(text, {**headers, **reply.headers}, reply.http)


def _enveloped(at: Any, reply: Reply) -> str:  # noqa: ANN401 - an instant
    return enveloped(at, reply.data, reply.status, reply.message)


def _call(ports: Ports, request: Request, ids: Ids, version: str, kind: Kind) -> Call:
    shown = authorization.candidates(request.headers.get("authorization", ""))
    connection = authenticate(ports, shown, registered=kind is not Kind.HANDSHAKE)
    decoded = {name: _id(name, unquote(id_)) for name, id_ in ids.items()}
    call = Call(ports, connection, request, decoded, version)
    to_emsps = kind in {Kind.HUB, Kind.HUB_ITSELF}
    if kind is not Kind.HANDSHAKE and connection.emsp is not to_emsps:
        raise WrongSide
    if kind in {Kind.FUNCTIONAL, Kind.HUB}:
        _check_routing(call)
    return call


def _id(name: str, text: str) -> str:
    """An id goes into a key of the table: what no CiString is may not pass."""
    if not 0 < len(text) <= ID_CHARACTERS_MAX or not (text.isascii() and text.isprintable()):
        raise Invalid(name, f"is not 1 to {ID_CHARACTERS_MAX} printable ASCII characters")
    return text


def _check_routing(call: Call) -> None:
    """`OCPI-from` must be bound to the credential, `OCPI-to` is us; either may be left out.

    An eMSP may also write to a CPO that it reaches through us.
    """
    headers = call.request.headers
    country, party = headers.get("ocpi-from-country-code"), headers.get("ocpi-from-party-id")
    if country and party:
        speaks_for(call.connection, country, party)
    if call.to and not call.connection.emsp:
        raise WrongReceiver(call.to)
    if call.to:
        ways(call.ports, call.connection.partner, call.to)


def _view(views: Mapping[str, View], method: str) -> View:
    view = views.get(method)
    if view is None:
        raise MethodNotAllowed(method, tuple(views))
    return view


def _message_ids(ports: Ports, request: Request) -> dict[str, str]:
    """The request's own ids on its response; a peer that sends none gets ours."""
    return {
        name: _message_id(request, name) or ports.ids.new("req")
        for name in ("X-Request-ID", "X-Correlation-ID")
    }


def _message_id(request: Request, name: str) -> str:
    sent = str(request.headers.get(name.lower(), ""))
    good = len(sent) <= _HEADER_CHARACTERS_MAX and sent.isascii() and sent.isprintable()
    return sent if good else ""


def _routing(call: Call) -> dict[str, str]:
    headers = call.request.headers
    to = headers.get("ocpi-from-country-code"), headers.get("ocpi-from-party-id")
    country, _, party = (call.to or f"{COUNTRY_CODE}*{PARTY_ID}").partition("*")
    found = {"OCPI-from-country-code": country, "OCPI-from-party-id": party}
    if to[0] and to[1]:
        found |= {"OCPI-to-country-code": to[0], "OCPI-to-party-id": to[1]}
    elif len(call.connection.identities) == 1:
        country, _, party = next(iter(call.connection.identities)).partition("*")
        found |= {"OCPI-to-country-code": country, "OCPI-to-party-id": party}
    return found
