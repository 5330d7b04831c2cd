"""What do two platforms tell each other of themselves? Credentials, versions, parties, invoices."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.connection.client_info import ConnectionStatus
from chalicelib.handlers.ocpi.shapes import (
    Described,
    Id,
    Instant,
    Maybe,
    Name,
    OpenEnum,
    Owned,
    Url,
    text,
)

_Token = Annotated[str, text(64, pattern="^[!-~]+$")]


class RoleShape(Owned):
    role: OpenEnum


class CredentialsShape(Described):
    """A `hub_party_id` (2.3.0) is the country code and party id of a hub, in five characters."""

    token: _Token
    url: Url
    hub_party_id: Maybe[Annotated[str, text(5, pattern="^[A-Z]{2}[A-Z0-9]{3}$")]] = None
    roles: Annotated[list[RoleShape], Field(min_length=1, max_length=50)]


class Credentials211Shape(Owned):
    token: _Token
    url: Url


class VersionShape(Described):
    version: Name
    url: Url


class EndpointShape(Described):
    """`role` is there since 2.2."""

    identifier: Name
    role: Maybe[OpenEnum] = None
    url: Url


class DetailsShape(Described):
    version: Name
    endpoints: list[EndpointShape]


class ClientInfoShape(Owned):
    role: OpenEnum
    status: ConnectionStatus
    last_updated: Instant


class InvoiceRecordShape(Owned):
    """`cdrs` are the ids of those that the invoice settles."""

    id: Id
    invoice_id: Id
    cdrs: Annotated[list[Id], Field(min_length=1, max_length=100)]
    last_updated: Instant
