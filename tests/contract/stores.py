"""On what does the store's contract run? Memory, moto in process, and the local AWS."""

from typing import Any
from uuid import uuid4

from chalicelib.adapters.dynamodb.answers import read_as_told
from chalicelib.adapters.dynamodb.store import DynamoStore


def store_on(client: Any) -> DynamoStore:
    """A store on a fresh table with the keys of infra/tables.json. Its client is the given one:
    making one costs more than a test.
    """
    name = f"contract-{uuid4().hex}"
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    )
    store = DynamoStore(name)
    vars(store)["_client"] = read_as_told(client)
    return store
