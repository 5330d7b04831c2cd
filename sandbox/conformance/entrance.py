"""Does the CPO let us in, and nobody else? Versions, details, tokens, message ids."""

from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.envelope import versions
from chalicelib.ocpi.language import VERSIONS, language
from sandbox.conformance.finding import Check, Outcome, Report
from sandbox.conformance.probe import Probe, Reply, Silent

_VERSIONS = "version_information_endpoint: Version endpoint"
_DETAILS = "version_information_endpoint: Version details endpoint"
_AUTHORIZATION = "transport_and_format: Authorization header"
_IDS = "transport_and_format: Message routing and unique message IDs"
_ENVELOPE = "transport_and_format: Response format"
_UNAUTHORIZED = 401
_TOKEN_REFUSED, _CLIENT_ERRORS = {_UNAUTHORIZED, 403}, range(2000, 3000)
_WRONG_TOKEN = "plugrail-conformance-kit-unknown-token"


def enter(report: Report, probe: Probe, versions_url: str, wanted: str = "") -> dict[str, str]:
    """The endpoints of the version that both speak; none when there is no way in."""
    check = report.check("versions are listed", _VERSIONS, "answer GET versions with data: [...]")
    try:
        reply = _in_either_form(check, probe, versions_url)
        offered = versions.read_versions(reply.data)
    except (Silent, Invalid) as error:
        check.fails(str(error))
        return {}
    _envelope(report, reply)
    _message_ids(report, reply)
    _doors(report, probe, versions_url)
    chosen = report.check("a version is shared", _VERSIONS, f"offer one of {', '.join(VERSIONS)}")
    spoken = [one for one in VERSIONS if one in offered and wanted in ("", one)]
    if not spoken:
        chosen.fails(f"{', '.join(offered) or 'none'} is offered")
        return {}
    report.version = spoken[0]
    if not language(report.version).roles and probe.raw_token:
        check.outcome = Outcome.PASSED  # so 2.1.1 has it
    endpoints = _details(report, probe, offered[spoken[0]])
    # Of a trial that is not https itself nobody asks for more.
    _secure(report, endpoints, local=versions_url.lower().startswith("http://"))
    return endpoints


def _in_either_form(check: Check, probe: Probe, url: str) -> Reply:
    """As a handshake does it: where the token is refused, once more in its other form."""
    reply = probe.get(url)
    if not _refused(reply):
        return reply
    probe.raw_token = not probe.raw_token
    other = probe.get(url)
    if _refused(other):
        probe.raw_token = not probe.raw_token
        return reply
    form = "as it is" if probe.raw_token else "in Base64"
    check.is_mended(f"the token is taken {form} only")
    return other


def _refused(reply: Reply) -> bool:
    if reply.status in _TOKEN_REFUSED:
        return True
    code = reply.envelope.get("status_code")
    return isinstance(code, int) and code in _CLIENT_ERRORS


def _details(report: Report, probe: Probe, url: str) -> dict[str, str]:
    hint = "list each module with the role that the CPO has in it, and its URL"
    check = report.check("every module that we need has an endpoint", _DETAILS, hint)
    try:
        told = versions.read_details(probe.get(url).data)
    except (Silent, Invalid) as error:
        check.fails(str(error))
        return {}
    endpoints = versions.with_commands(told)
    for name in endpoints.keys() - told.keys():
        check.is_mended(f"there is no {name}: {endpoints[name][:80]} is called")
    for name in versions.missing(endpoints):
        check.fails(f"there is no {name}")
    return endpoints


def _secure(report: Report, endpoints: dict[str, str], *, local: bool) -> None:
    section, hint = "transport_and_format: Security", "give https URLs"
    check = report.check("every endpoint is https", section, hint)
    if not endpoints:
        check.skips("no endpoint is known")
    for name, address in endpoints.items():
        if not address.lower().startswith("https://"):
            told = f"{name} is {address[:80]}: a connection in production refuses it"
            check.found(Outcome.MENDED if local else Outcome.FAILED, told)


def _doors(report: Report, probe: Probe, url: str) -> None:
    """Who shows no token, or a wrong one, is to get HTTP 401."""
    for name, token in (("no token", ""), ("an unknown token", _WRONG_TOKEN)):
        hint = "answer HTTP 401 before anything else is looked at"
        check = report.check(f"{name} is refused", _AUTHORIZATION, hint)
        try:
            status = probe.get(url, token=token).status
        except Silent as error:
            check.fails(str(error))
            continue
        if status != _UNAUTHORIZED:
            check.fails(f"HTTP {status}")


def _envelope(report: Report, reply: Reply) -> None:
    check = report.check("answers have OCPI's envelope", _ENVELOPE, "send status_code, timestamp")
    envelope = reply.envelope
    if not isinstance(envelope.get("timestamp"), str):
        check.is_mended("timestamp is missing")
    kind = reply.headers.get("Content-Type", "")
    if not kind.lower().startswith("application/json"):
        check.is_mended(f"Content-Type is {kind[:60]!r}")


def _message_ids(report: Report, reply: Reply) -> None:
    check: Check = report.check(
        "message ids come back", _IDS, "copy X-Request-ID and X-Correlation-ID into the answer"
    )
    for name, sent in (
        ("X-Request-ID", reply.request_id),
        ("X-Correlation-ID", reply.correlation_id),
    ):
        if reply.headers.get(name) != sent:
            check.is_mended(f"{name} is {reply.headers.get(name, 'missing')!r}")
