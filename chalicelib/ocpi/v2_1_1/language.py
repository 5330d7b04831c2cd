"""How is OCPI 2.1.1 spoken?"""

from chalicelib.ocpi.language import Language
from chalicelib.ocpi.v2_1_1.cdr import read_cdr
from chalicelib.ocpi.v2_1_1.command import write_reserve, write_start
from chalicelib.ocpi.v2_1_1.credentials import read_credentials, write_credentials
from chalicelib.ocpi.v2_1_1.location import read_location
from chalicelib.ocpi.v2_1_1.session import read_patch, read_session
from chalicelib.ocpi.v2_1_1.tariff import read_tariff
from chalicelib.ocpi.v2_1_1.token import token_types, write_token

LANGUAGE = Language(
    version="2.1.1",
    endpoints=(
        ("credentials", ""),
        ("locations", "RECEIVER"),
        ("tariffs", "RECEIVER"),
        ("sessions", "RECEIVER"),
        ("cdrs", "RECEIVER"),
        ("tokens", "SENDER"),
        ("commands", "SENDER"),
    ),
    roles=False,
    dated_patches=False,
    read_credentials=read_credentials,
    write_credentials=write_credentials,
    read_location=read_location,
    read_tariff=read_tariff,
    read_session=read_session,
    read_patch=read_patch,
    read_cdr=read_cdr,
    write_token=write_token,
    token_types=token_types,
    tells_token=False,
    write_reserve=write_reserve,
    write_start=write_start,
)
