"""/ocpi/openapi.json: what can a peer call here? Open to everybody, as /v1/openapi.json is."""

import json

from chalice.app import Request, Response

from chalicelib import wiring
from chalicelib.handlers.ocpi.openapi import document
from chalicelib.handlers.routing import Ids, answers

PATH = "/ocpi/openapi.json"


@answers(PATH, "GET")
def ocpi_openapi(_request: Request, _ids: Ids) -> Response:
    text = json.dumps(document(wiring.ports().public_url), ensure_ascii=False)
    kept_for = {"Cache-Control": "public, max-age=300"}
    return Response(text, {"Content-Type": "application/json", **kept_for})
