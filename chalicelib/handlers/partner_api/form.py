"""In which form does Chalice refuse? In one of its own: /v1 gives its answers ours."""

from collections.abc import Callable

from chalice.app import Request, Response

_OURS = ("/v1/", "/health")


def in_our_form(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """A middleware of every path: what a wrong method and a bug are answered."""
    response = get_response(request)
    if response.status_code < 400 or not request.path.startswith(_OURS):  # noqa: PLR2004 - RFC 9110
        return response
    # An OCPI request passes here, too, and shall not import anything of this API.
    from chalicelib.handlers.partner_api.problem import chalices_own  # noqa: PLC0415 - see above

    return chalices_own(request, response)
