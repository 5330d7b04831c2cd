"""What must a reader know besides the endpoints? The introduction, problems, webhook headers."""

from typing import Any

ABOUT = """\
One integration for charging at every connected operator: find a charger, get a quote, start and
follow a session, and be told of its price, payment and settlement.

**Authentication.** `Authorization: Bearer <API key>`. A key belongs to one partner and one stage
and has scopes; each endpoint names the scope it needs.

**Money** is whole minor units with a currency: `{"minor": 1749, "currency": "EUR"}` is 17.49 euro.
Other exact numbers, such as kWh, are decimal strings; requests may send them as JSON numbers too.
**Time** is UTC, RFC 3339. Optional parts that are not there are left out. New fields may be added
to answers at any time: ignore what you do not know.

**Refusals** are `application/problem+json` (RFC 9457). `code` is stable and made for programs;
`field` is the path of the field to blame; `how_to_fix` is for people.

**Repeats.** Send `Idempotency-Key` with requests that make something. The same key and body gives
the same answer for 24 hours (a session: for ever). The same key with another body is refused with
422, and while the first request is being worked on with 409.

**Lists** have `data`, `has_more` and an opaque `next_cursor` to send as `cursor`.

**Events** come by webhook, signed as [Standard Webhooks](https://www.standardwebhooks.com)
prescribes, and stand in the feed `/v1/events`. They may come twice or out of order: `id` tells a
repeat, `sequence` the order of one object's events.
"""

FIRST_CALLS = """\
# find a charger, get a price, start, and look on
api='{url}/v1'
key='Authorization: Bearer plugrail_sandbox_…'
json='Content-Type: application/json'
curl -H "$key" "$api/locations?latitude=52.52&longitude=13.405&available=true"
curl -H "$key" -H "$json" $api/quotes -d '{"location_id": "loc_…", "evse_uid": "…",
  "connector_id": "1", "energy_kwh": 30, "duration_s": 3600}'
curl -H "$key" -H "$json" $api/tokens -d '{"driver_reference": "driver-4711"}'
curl -H "$key" -H "$json" -H "Idempotency-Key: $(uuidgen)" $api/sessions \\
  -d '{"quote_id": "quo_…", "token_id": "tok_…"}'
curl -H "$key" $api/events
"""

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Why a request was refused (RFC 9457), and what to do about it.",
    "required": ["type", "title", "status", "code", "detail", "how_to_fix", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Explains the code."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; what a program decides by."},
        "detail": {"type": "string", "description": "What is wrong with this very request."},
        "how_to_fix": {"type": "string"},
        "field": {
            "type": "string",
            "description": "Path of the field, or name of the parameter or header, to blame.",
        },
        "errors": {
            "type": "array",
            "description": "Every field that is wrong, when more than one may be.",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string", "description": "Tell it to us when you ask for help."},
    },
}

WEBHOOK_HEADERS: list[dict[str, Any]] = [
    {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": {"type": "string"},
    }
    for name, description in (
        ("webhook-id", "The event's id: the same at every attempt."),
        ("webhook-timestamp", "Seconds since 1970 of this attempt; refuse what is old."),
        ("webhook-signature", "`v1,<base64>` of HMAC-SHA256 over `id.timestamp.body`; by spaces."),
    )
]
