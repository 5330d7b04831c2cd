"""How does a CPO hand in the record that is billed? (mod_cdrs 10.2.2)"""

from hashlib import sha256
from urllib.parse import quote

from chalicelib.domain.errors import NotFound
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.ports.cpo import Received
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.accept import KeptCdr
from chalicelib.usecases.cdr.pull import accept_pulled_cdr
from chalicelib.usecases.cdr.raw import raw_of
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.records import find

_CREATED = 201


def receive(call: Call) -> Reply:
    """The same CDR again is success, and says where the first one lies."""
    text = call.text
    body = parse_object(text)
    raw_hash = sha256(text.encode()).hexdigest()
    cdr, mended = call.language.read_cdr(body, raw_hash, call.owner)
    speaks_for(call.connection, cdr.country_code, cdr.party_id)
    accepted = accept_pulled_cdr(call.ports, call.connection, Received(cdr, text, mended))
    path = "/".join(quote(part, safe="") for part in (cdr.country_code, cdr.party_id, cdr.id))
    where = {"Location": f"{call.base_url}/cdrs/{path}"}
    return Reply(http=200 if accepted.repeated else _CREATED, headers=where)


def show(call: Call) -> Reply:
    """The CDR byte for byte, signed meter data and all."""
    country, party = call.ids["country_code"].upper(), call.ids["party_id"].upper()
    speaks_for(call.connection, country, party)
    key = keys.cdr(call.connection.id, country, party, call.ids["cdr_id"])
    kept = find(call.ports.store, key, KeptCdr)
    content = None if kept is None else raw_of(call.ports, kept.value.raw_name)
    if content is None:
        raise NotFound("CDR", call.ids["cdr_id"], "cdr_id")
    return Reply(raw=content.decode())


serve("/cdrs", {"POST": receive})
serve("/cdrs/{country_code}/{party_id}/{cdr_id}", {"GET": show})
