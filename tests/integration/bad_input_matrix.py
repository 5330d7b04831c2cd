"""Which mistakes are tried at which side, and which refusal does each meet?

A row is a kind of bad input. A side that it cannot reach says why, in a sentence.
"""

from tests.integration.bad_input_scene import Mistake, at, cdr_body, session_body

CDRS = "/ocpi/2.2.1/cdrs"
SESSION = "/ocpi/2.2.1/sessions/DE/RHE/S-1"
COMMAND = "/ocpi/2.2.1/commands/START_SESSION"
HOOK = "POST /webhooks/stripe"

EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "payment_intent.succeeded",
    "data": {"object": {"id": "pi_1"}},
}
TOKEN = {"driver_reference": "driver 2"}
PLAN = {
    "location_id": "loc_0",
    "evse_uid": "E1",
    "connector_id": "1",
    "energy_kwh": 9,
    "duration_s": 3600,
}
START = {"quote_id": "{quote}", "token_id": "tok_card"}
TOLD = session_body("{session}", "card", 41)
PATCH = {"kwh": 1.5, "last_updated": "2026-11-16T09:41:00Z"}
CDR = cdr_body("{session}")
TWO_MB = b'{"x":"' + b"x" * 2_000_000 + b'"}'

NOT_SIGNED = "its requests carry a credential and no signature"
OCPI_ONLY = "only a CPO speaks of charging"


def absent(who: str, suffix: str) -> list[Mistake]:
    """What is not there, and what is another's, meet one and the same refusal."""
    paths = {
        "session": ("GET /v1/sessions/{}", "POST /v1/sessions/{}/stop"),
        "billed": ("GET /v1/sessions/{}/evidence",),
        "token": ("GET /v1/tokens/{}", "DELETE /v1/tokens/{}"),
        "quote": ("GET /v1/quotes/{}",),
        "agreement": ("GET /v1/agreements/{}",),
        "endpoint": (
            "GET /v1/webhook-endpoints/{}",
            "DELETE /v1/webhook-endpoints/{}",
            "POST /v1/webhook-endpoints/{}/rotate-secret",
        ),
        "event": ("GET /v1/events/{}", "POST /v1/events/{}/replay"),
    }
    fields = {"billed": "session_id"}
    return [
        at(
            path.format(f"{{{name}}}{suffix}"),
            f"404 not_found {fields.get(name, f'{name}_id')}",
            who=who,
        )
        for name, listed in paths.items()
        for path in listed
    ]


MATRIX: dict[str, dict[str, list[Mistake] | str]] = {
    "malformed JSON": {
        "partner API": [
            at("POST /v1/tokens", "400 malformed_json", b'{"a":'),
            at("POST /v1/sessions", "400 malformed_json", b"\xff{}", Idempotency_Key="fresh"),
        ],
        "OCPI": [
            at(f"POST {CDRS}", "400/2001 malformed_json", b'{"a":'),
            at(f"PATCH {SESSION}", "400/2001 malformed_json", b"[1, 2"),
        ],
        "Stripe webhooks": [at(HOOK, "422 invalid", b'{"a":')],
    },
    "wrong types": {
        "partner API": [
            at("POST /v1/tokens", "422 invalid driver_reference", {"driver_reference": 7}),
            at("POST /v1/quotes", "422 invalid location_id", {**PLAN, "location_id": []}),
            at("GET /v1/sessions?limit=ten", "422 invalid limit"),
        ],
        "OCPI": [
            at(f"PUT {SESSION}", "200/2001 invalid kwh", {**TOLD, "kwh": "abc"}),
            at(f"POST {CDRS}", "200/2001 invalid total_energy", {**CDR, "total_energy": []}),
            at(f"POST {COMMAND}/{{session}}/n", "200/2001 invalid result", {"result": 7.5}),
        ],
        "Stripe webhooks": [
            at(HOOK, "422 invalid object", {**EVENT, "id": 7}),
            at(HOOK, "422 invalid", {**EVENT, "data": []}),
        ],
    },
    "unknown ids": {
        "partner API": [
            *absent("", "0"),
            at("POST /v1/quotes", "404 location_unknown location_id", PLAN),
            at(
                "POST /v1/sessions",
                "404 not_found token_id",
                {**START, "token_id": "tok_0"},
                Idempotency_Key="fresh",
            ),
        ],
        "OCPI": [
            at(f"GET {SESSION}0", "404/2001 not_found session_id"),
            at(f"GET {CDRS}/DE/RHE/none", "404/2001 not_found cdr_id"),
            at(f"POST {COMMAND}/ses_0/n", "200/2001 not_found session_id", {"result": "REJECTED"}),
            at(f"PATCH {SESSION}0", "200/2001 update_of_unknown session_id", PATCH),
            at(
                "PATCH /ocpi/2.2.1/locations/DE/RHE/L0",
                "200/2003 location_unknown location_id",
                PATCH,
            ),
        ],
        "Stripe webhooks": "an event of what we do not know is kept with that outcome, and answered"
        " 200: tests/integration/test_payment_webhooks.py",
    },
    "another partner's objects": {
        "partner API": [
            *absent("another partner", ""),
            at(
                "POST /v1/sessions",
                "404 not_found quote_id",
                START,
                who="another partner",
                Idempotency_Key="fresh",
            ),
        ],
        "OCPI": [
            at(
                "PUT /ocpi/2.2.1/sessions/DE/EVL/S-1",
                "200/2001 identity_not_bound",
                {**TOLD, "party_id": "EVL"},
            ),
            at(f"POST {CDRS}", "200/2001 identity_not_bound", {**CDR, "party_id": "EVL"}),
            at(f"GET {CDRS}/DE/EVL/C-1", "200/2001 identity_not_bound"),
        ],
        "Stripe webhooks": "there is one provider, and it tells of its own payments",
    },
    "a replayed idempotency key with another body": {
        "partner API": [
            at(
                "POST /v1/tokens",
                "422 idempotency_key_reused Idempotency-Key",
                TOKEN,
                Idempotency_Key="key-1",
            ),
            at(
                "POST /v1/sessions",
                "422 idempotency_key_reused Idempotency-Key",
                START,
                Idempotency_Key="k1",
            ),
        ],
        "OCPI": [  # an object's id is its key
            at(
                f"POST {CDRS}",
                "200/2001 cdr_differs id",
                cdr_body("{billed}", id="{cdr}", total_energy=29),
            ),
            at(f"POST {CDRS}", "200/2001 session_already_billed session_id", cdr_body("{billed}")),
        ],
        "Stripe webhooks": "an event's id is its key, and a repeat is received and changes nothing:"
        " tests/integration/test_payment_webhooks.py",
    },
    "a bad or old webhook signature": {
        "partner API": NOT_SIGNED,
        "OCPI": NOT_SIGNED,
        "Stripe webhooks": [
            at(HOOK, "422 signature_refused Stripe-Signature", EVENT, who="somebody else"),
            at(HOOK, "422 signature_refused Stripe-Signature", EVENT, who="long ago"),
            at(HOOK, "422 signature_refused Stripe-Signature", EVENT, Stripe_Signature=""),
            at(HOOK, "422 signature_refused Stripe-Signature", EVENT, Stripe_Signature="t=1,v1=0"),
        ],
    },
    "an unknown OCPI token": {
        "partner API": [
            at("GET /v1/sessions", "401 unauthenticated Authorization", Authorization="Bearer x")
        ],
        "OCPI": [
            at(f"PUT {SESSION}", "401/2000 unauthenticated", TOLD, Authorization="Token eA=="),
            at(
                "POST /ocpi/2.2.1/tokens/NOBODY/authorize?type=APP_USER",
                "404/2004 token_unknown token_uid",
                {"location_id": "L1"},
            ),
        ],
        "Stripe webhooks": "it shows no token: the signature proves who it is",
    },
    "a CDR for an unknown session": {
        "partner API": OCPI_ONLY,
        "OCPI": [
            at(f"POST {CDRS}", "200/2001 cdr_for_unknown_session session_id", cdr_body("ses_0")),
            at(
                f"POST {CDRS}",
                "200/2001 cdr_for_unknown_session session_id",
                cdr_body("", session_id="S-0"),
            ),
        ],
        "Stripe webhooks": OCPI_ONLY,
    },
    "a PATCH older than the state": {
        "partner API": OCPI_ONLY,
        "OCPI": [
            at(
                f"PATCH {SESSION}",
                "200/2001 update_outdated last_updated",
                PATCH | {"last_updated": "2026-11-16T09:35:00Z"},
            )
        ],
        "Stripe webhooks": OCPI_ONLY,
    },
    "amounts in the wrong currency": {
        "partner API": "a partner states no amounts: prices come from the tariff of its quote",
        "OCPI": [
            at(f"POST {CDRS}", "200/2001 invalid currency", {**CDR, "currency": "SEK"}),
            at(f"POST {CDRS}", "200/2001 invalid currency", {**CDR, "currency": "EURO"}),
        ],
        "Stripe webhooks": "an event's amounts are not read: what counts is asked of the provider",
    },
    "a 2 MB body": {
        "partner API": [at("POST /v1/tokens", "413 body_too_large", TWO_MB)],
        "OCPI": [
            at(f"POST {CDRS}", "413/2001 body_too_large", TWO_MB),
            at(f"PUT {SESSION}", "413/2001 body_too_large", TWO_MB),
        ],
        "Stripe webhooks": [at(HOOK, "413 body_too_large", TWO_MB)],
    },
    "a wrong content type": {
        "partner API": [
            at(
                "POST /v1/tokens",
                "415 unsupported_media_type Content-Type",
                TOKEN,
                Content_Type="text/plain",
            )
        ],
        "OCPI": [
            at(
                f"PUT {SESSION}",
                "415/2001 unsupported_media_type Content-Type",
                TOLD,
                Content_Type="text/xml",
            )
        ],
        "Stripe webhooks": [
            at(HOOK, "415 unsupported_media_type Content-Type", EVENT, Content_Type="text/plain")
        ],
    },
    "a wrong method": {
        "partner API": [
            at("PUT /v1/tokens", "405 method_not_allowed", TOKEN),
            at("DELETE /v1/sessions/{session}", "405 method_not_allowed"),
        ],
        "OCPI": [
            at(f"DELETE {SESSION}", "405/2000 method_not_allowed"),
            at(f"PUT {CDRS}", "405/2000 method_not_allowed", CDR),
        ],
        "Stripe webhooks": [at("PUT /webhooks/stripe", "405 method_not_allowed", EVENT)],
    },
}
