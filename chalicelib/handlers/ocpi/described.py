"""/ocpi/openapi.json: what can a peer call here? Open to everybody, as /v1/openapi.json is."""

import json

from chalice.app import Response

from chalicelib import wiring
from chalicelib.handlers.ocpi.endpoint import ocpi

PATH = "/ocpi/openapi.json"


@ocpi.route(PATH, content_types=[])
def ocpi_openapi() -> Response:
    from chalicelib.handlers.ocpi.openapi import document  # noqa: PLC0415 - 40 ms, seldom asked for

    text = json.dumps(document(wiring.ports().public_url), ensure_ascii=False)
    kept_for = {"Cache-Control": "public, max-age=300"}
    return Response(text, {"Content-Type": "application/json", **kept_for})
