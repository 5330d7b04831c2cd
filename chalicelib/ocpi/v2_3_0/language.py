"""How is OCPI 2.3.0 spoken? As 2.2.1, but for money, which tells its taxes one by one."""

from dataclasses import replace

from chalicelib.ocpi.v2_2_1.language import ENDPOINTS
from chalicelib.ocpi.v2_2_1.language import LANGUAGE as BEFORE
from chalicelib.ocpi.v2_3_0.cdr import read_cdr
from chalicelib.ocpi.v2_3_0.credentials import write_credentials
from chalicelib.ocpi.v2_3_0.session import read_patch, read_session
from chalicelib.ocpi.v2_3_0.tariff import read_tariff

LANGUAGE = replace(
    BEFORE,
    version="2.3.0",
    endpoints=(
        *ENDPOINTS,
        ("invoicereconciliation", "SENDER"),
        ("invoicereconciliation", "RECEIVER"),
    ),
    write_credentials=write_credentials,
    read_tariff=lambda value, _: read_tariff(value),
    read_session=lambda value, _: read_session(value),
    read_patch=read_patch,
    read_cdr=lambda value, raw_hash, _: read_cdr(value, raw_hash),
)
