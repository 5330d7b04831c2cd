"""How does a CPO hand in the record that is billed? (mod_cdrs 10.2.2)"""

from hashlib import sha256
from urllib.parse import quote

from chalicelib.domain.errors import NotFound
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve
from chalicelib.ocpi.v2_2_1.cdr import read_cdr
from chalicelib.ports.cpo import Received
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.accept import KeptCdr
from chalicelib.usecases.cdr.pull import accept_pulled_cdr
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.records import find

_CREATED = 201


def receive(call: Call) -> Reply:
    """The same CDR again is success, and says where the first one lies."""
    body, text = call.body, call.text
    cdr, mended = read_cdr(body, sha256(text.encode()).hexdigest())
    speaks_for(call.connection, cdr.country_code, cdr.party_id)
    accepted = accept_pulled_cdr(call.ports, call.connection, Received(cdr, text, mended))
    path = "/".join(quote(part, safe="") for part in (cdr.country_code, cdr.party_id, cdr.id))
    where = f"{call.ports.public_url}/ocpi/2.2.1/cdrs/{path}"
    return Reply(http=200 if accepted.repeated else _CREATED, headers={"Location": where})


def show(call: Call) -> Reply:
    """The CDR byte for byte, signed meter data and all."""
    country, party = call.ids["country_code"].upper(), call.ids["party_id"].upper()
    speaks_for(call.connection, country, party)
    key = keys.cdr(call.connection.id, country, party, call.ids["cdr_id"])
    kept = find(call.ports.store, key, KeptCdr)
    content = None if kept is None else call.ports.files.read(kept.value.raw_name)
    if content is None:
        raise NotFound("CDR", call.ids["cdr_id"], "cdr_id")
    return Reply(raw=content.decode())


serve("/ocpi/2.2.1/cdrs", {"POST": receive})
serve("/ocpi/2.2.1/cdrs/{country_code}/{party_id}/{cdr_id}", {"GET": show})
