"""Which paths has the partner API, and which module of this package serves each?"""

from chalicelib.handlers.routing import Route

_PATHS = {  # in the order in which the documents tell them
    "meta": {"/health": "GET", "/v1/openapi.json": "GET", "/v1/docs": "GET"},
    "locations": {"/v1/locations": "GET", "/v1/locations/{location_id}": "GET"},
    "quotes": {"/v1/quotes": "POST", "/v1/quotes/{quote_id}": "GET"},
    "tokens": {"/v1/tokens": "GET POST", "/v1/tokens/{token_id}": "GET DELETE"},
    "payment_methods": {
        "/v1/payment-methods": "POST",
        "/v1/payment-methods/{method_id}": "GET DELETE",
    },
    "reservations": {
        "/v1/reservations": "POST",
        "/v1/reservations/{reservation_id}": "GET DELETE",
    },
    "sessions": {
        "/v1/sessions": "GET POST",
        "/v1/sessions/{session_id}": "GET",
        "/v1/sessions/{session_id}/preferences": "POST",
        "/v1/sessions/{session_id}/stop": "POST",
        "/v1/sessions/{session_id}/unlock": "POST",
    },
    "evidence": {"/v1/sessions/{session_id}/evidence": "GET"},
    "disputes": {
        "/v1/sessions/{session_id}/disputes": "GET POST",
        "/v1/disputes/{dispute_id}": "GET",
    },
    "events": {
        "/v1/events": "GET",
        "/v1/events/{event_id}": "GET",
        "/v1/events/{event_id}/replay": "POST",
    },
    "webhook_endpoints": {
        "/v1/webhook-endpoints": "GET POST",
        "/v1/webhook-endpoints/{endpoint_id}": "GET DELETE",
        "/v1/webhook-endpoints/{endpoint_id}/rotate-secret": "POST",
        "/v1/webhook-endpoints/{endpoint_id}/ping": "POST",
    },
    "statements": {
        "/v1/statements": "GET",
        "/v1/statements/{statement_id}": "GET",
        "/v1/statements/{statement_id}/csv": "GET",
        "/v1/statements/{statement_id}/pdf": "GET",
    },
    "balance": {"/v1/balance": "GET"},
    "top_ups": {
        "/v1/top-ups": "POST",
        "/v1/top-ups/{top_up_id}": "GET",
        "/v1/top-ups/{top_up_id}/refunds": "POST",
        "/v1/invoices": "GET",
    },
    "agreements": {
        "/v1/agreements": "GET",
        "/v1/agreements/{agreement_id}": "GET",
        "/v1/agreements/{agreement_id}/countersign": "POST",
    },
}

PARTNER_API = tuple(
    Route(path, tuple(methods.split()), f"partner_api.{module}")
    for module, paths in _PATHS.items()
    for path, methods in paths.items()
)
