"""How is an answer of DynamoDB read? As the JSON that it is.

The SDK walks through every attribute of every item by its model: 20 microseconds an item, several
times what our own reading takes, and a search reads thousands. What we ask for has no dates or sets
that would need it. Refusals, and whatever is no JSON object, are left to the SDK.
"""

import json
from typing import Any

_READS = ("GetItem", "BatchGetItem", "Query")
_EMPTY = b"{}"
_OK = 200


def read_as_told(client: Any) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
    """The client, whose reads answer as DynamoDB told: binary attributes in base64."""
    for operation in _READS:
        event = f"before-parse.dynamodb.{operation}"
        client.meta.events.register(event, _read, unique_id=f"as told: {operation}")
    return client


def _read(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_named: object
) -> None:
    """The SDK adds what is in `customized_response_dict` to what it reads itself."""
    if response_dict["status_code"] != _OK:
        return
    try:
        told = json.loads(response_dict["body"])
    except ValueError:
        return
    if isinstance(told, dict):
        customized_response_dict.update(told)
        response_dict["body"] = _EMPTY
