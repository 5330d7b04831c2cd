"""Does a CPO register us, change tokens with us, and let us go as it should?"""

from chalicelib.domain.errors import Invalid
from chalicelib.ocpi.envelope import versions
from chalicelib.ocpi.envelope.body import dump
from chalicelib.ocpi.envelope.credentials import Credentials
from chalicelib.ocpi.language import language
from sandbox.conformance.answering import ENCODED, PLAIN, Answering, new_token
from sandbox.conformance.finding import Check, Report
from sandbox.conformance.probe import Probe, Silent

_POST = "credentials: POST Method"
_PUT = "credentials: PUT Method"
_DELETE = "credentials: DELETE Method"
_AUTHORIZATION = "transport_and_format: Authorization header"
_UNAUTHORIZED, _NOT_ALLOWED = 401, 405


def not_registered(report: Report) -> None:
    """What the CPO does with credentials is seen by changing its state: nobody asked for that."""
    check = report.check("credentials are exchanged", _POST)
    check.skips("it changes the CPO's state: --register HOST:PORT, with an invitation's token")


def register(report: Report, probe: Probe, url: str, us: Answering) -> Credentials | None:
    """POST our credentials with the token that we were invited with; theirs, if all went well."""
    hint = "call our versions with the token in the body, then answer with your own credentials"
    check = report.check("credentials are exchanged", _POST, hint)
    us.version, us.token, invited = report.version, new_token(), probe.token
    theirs = _exchanged(check, report, probe, ("POST", url), us)
    if theirs is None:
        return None
    _is_dead(report, probe, url, invited, "the invitation's token is dead afterwards", _POST)
    _again(report, probe, url, us)
    _renewed(report, probe, url, us)
    _form(report, us)
    return theirs


def _exchanged(
    check: Check, report: Report, probe: Probe, how: tuple[str, str], us: Answering
) -> Credentials | None:
    """The token that we are answered is the one that we show from now on."""
    method, url = how
    before, seen = probe.token, len(us.asked)
    try:
        reply = probe.call(method, url, _credentials(report, us))
        if reply.status == _NOT_ALLOWED and method == "POST":
            check.fails("HTTP 405: who shows this token is registered already; invite us anew")
            return None
        theirs = language(report.version).read_credentials(reply.data)
    except (Silent, Invalid) as error:
        check.fails(f"{error}")
        return None
    if len(us.asked) == seen:
        check.fails("our versions were not asked for: a wrong URL or token would not be noticed")
    if theirs.token == before:
        check.fails("the answer has the token that we showed: a new one belongs there")
    probe.token = theirs.token
    return theirs


def _credentials(report: Report, us: Answering) -> bytes:
    told = language(report.version).write_credentials(us.token, versions.versions_url(us.url), None)
    return dump(told).encode()


def _renewed(report: Report, probe: Probe, url: str, us: Answering) -> None:
    """PUT with new tokens, as `admin peer renew` does it."""
    hint = "take a new token of ours and answer with a new one of yours"
    check = report.check("credentials can be changed", _PUT, hint)
    before, ours = probe.token, us.token
    us.token = new_token()
    if _exchanged(check, report, probe, ("PUT", url), us) is None:
        us.token = ours
    elif probe.token != before:
        _is_dead(report, probe, url, before, "the token before it is dead afterwards", _PUT)


def _is_dead(report: Report, probe: Probe, url: str, token: str, name: str, section: str) -> None:
    check = report.check(name, section, "forget the old token once credentials were exchanged")
    _expect(check, probe, url, token, _UNAUTHORIZED)


def _again(report: Report, probe: Probe, url: str, us: Answering) -> None:
    hint = "answer HTTP 405 to a POST of who is registered: PUT renews"
    check = report.check("who is registered cannot register again", _POST, hint)
    try:
        status = probe.call("POST", url, _credentials(report, us)).status
    except Silent as error:
        check.fails(str(error))
        return
    if status != _NOT_ALLOWED:
        check.fails(f"a second POST gave HTTP {status}")


def _form(report: Report, us: Answering) -> None:
    """How the CPO shows us the token that we gave: we take either form."""
    wanted = ENCODED if language(report.version).roles else PLAIN
    hint = f"show the token {wanted} in OCPI {report.version}"
    check = report.check("our token is shown to us as OCPI has it", _AUTHORIZATION, hint)
    if us.strangers:
        check.fails(f"{us.strangers} requests showed another token than the one in the body")
    if not us.forms:
        check.skips("the CPO has not called us")
    for form in sorted(us.forms - {wanted}):
        check.is_mended(f"it comes {form}")


def leave(report: Report, probe: Probe, url: str) -> None:
    """DELETE the credentials: the kit leaves nothing behind."""
    check = report.check("credentials can be withdrawn", _DELETE, "answer DELETE with status 1000")
    try:
        _ = probe.call("DELETE", url, None).data
    except Silent as error:
        check.fails(str(error))
        return
    after = report.check("who left is refused", _DELETE, "answer HTTP 401 from then on")
    _expect(after, probe, url, probe.token, _UNAUTHORIZED)


def _expect(check: Check, probe: Probe, url: str, token: str, status: int) -> None:
    try:
        got = probe.get(url, token=token).status
    except Silent as error:
        check.fails(str(error))
        return
    if got != status:
        check.fails(f"HTTP {got}")
