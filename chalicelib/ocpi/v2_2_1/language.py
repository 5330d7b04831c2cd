"""How is OCPI 2.2.1 spoken? Its objects name their owners."""

from chalicelib.ocpi.language import Language
from chalicelib.ocpi.v2_2_1.cdr import read_cdr
from chalicelib.ocpi.v2_2_1.command import write_reserve, write_start
from chalicelib.ocpi.v2_2_1.credentials import read_credentials, write_credentials
from chalicelib.ocpi.v2_2_1.location import read_location
from chalicelib.ocpi.v2_2_1.session import read_patch, read_session
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from chalicelib.ocpi.v2_2_1.token import token_types, write_token

ENDPOINTS = (
    ("credentials", "SENDER"),  # the role says nothing for this module
    ("locations", "RECEIVER"),
    ("tariffs", "RECEIVER"),
    ("sessions", "RECEIVER"),
    ("cdrs", "RECEIVER"),
    ("tokens", "SENDER"),
    ("commands", "SENDER"),
    ("hubclientinfo", "RECEIVER"),
)

LANGUAGE = Language(
    version="2.2.1",
    endpoints=ENDPOINTS,
    roles=True,
    dated_patches=True,
    read_credentials=read_credentials,
    write_credentials=write_credentials,
    read_location=lambda value, peer_id, identities, _: read_location(value, peer_id, identities),
    read_tariff=lambda value, _: read_tariff(value),
    read_session=lambda value, _: read_session(value),
    read_patch=read_patch,
    read_cdr=lambda value, raw_hash, _: read_cdr(value, raw_hash),
    write_token=write_token,
    token_types=token_types,
    tells_token=True,
    write_reserve=write_reserve,
    write_start=write_start,
)
