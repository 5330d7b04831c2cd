"""Which CDRs are on which invoice? Ours are read, theirs are sent (mod_invoice_reconciliation)."""

from chalicelib.domain.errors import Invalid
from chalicelib.handlers.ocpi.endpoint import Call, Reply, serve
from chalicelib.ocpi.envelope.pages import headers, read_page
from chalicelib.ocpi.v2_3_0.invoice_record import read_invoice_record, write_invoice_record
from chalicelib.usecases.statement.invoice_records import (
    accept_record,
    forget_record,
    our_records,
    their_record,
)

_CREATED = 201


def list_ours(call: Call) -> Reply:
    page = read_page(call.query)
    found, total = our_records(
        call.ports, call.connection, page.date_from, page.date_to, page.offset, page.limit
    )
    url = f"{call.base_url}/invoicereconciliation"
    written = [write_invoice_record(record) for record in found]
    return Reply(written, headers=headers(page, url, total))


def receive(call: Call) -> Reply:
    news = accept_record(call.ports, call.connection, read_invoice_record(call.body), new=True)
    return Reply(http=_CREATED if news else 200)


def show(call: Call) -> Reply:
    record = their_record(call.ports, call.connection, *call.owner, call.ids["record_id"])
    return Reply(write_invoice_record(record))


def update(call: Call) -> Reply:
    record = read_invoice_record(call.body)
    named = (*call.owner, call.ids["record_id"])
    if (record.country_code, record.party_id, record.id) != named:
        raise Invalid("id", f"{record.id!r} is not the {'/'.join(named)} of the URL")
    accept_record(call.ports, call.connection, record, new=False)
    return Reply()


def withdraw(call: Call) -> Reply:
    forget_record(call.ports, call.connection, *call.owner, call.ids["record_id"])
    return Reply()


serve("/invoicereconciliation", {"GET": list_ours, "POST": receive}, versions=("2.3.0",))
serve(
    "/invoicereconciliation/{country_code}/{party_id}/{record_id}",
    {"GET": show, "PUT": update, "DELETE": withdraw},
    versions=("2.3.0",),
)
