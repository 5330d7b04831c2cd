"""What does an InvoiceReconciliationRecord say? (mod_invoice_reconciliation, 2.3.0 edition 2)"""

from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.connection.invoice_record import InvoiceRecord
from chalicelib.ocpi.lenient.basic import id_of
from chalicelib.ocpi.lenient.place import Place

_CDRS_MAX = 10_000


def read_invoice_record(value: object) -> InvoiceRecord:
    """Raises Invalid."""
    place = Place.whole(value)
    cdrs = tuple(dict.fromkeys(id_ for _, id_ in place.each("cdrs", _CDRS_MAX, id_of)))
    if not cdrs:
        raise place.invalid("cdrs", "an invoice settles at least one CDR")
    return InvoiceRecord(
        place.upper("country_code"),
        place.upper("party_id"),
        place.id("id"),
        place.id("invoice_id"),
        cdrs,
        place.instant("last_updated"),
    )


def write_invoice_record(record: InvoiceRecord) -> dict[str, Any]:
    return {
        "country_code": record.country_code,
        "party_id": record.party_id,
        "id": record.id,
        "invoice_id": record.invoice_id,
        "cdrs": list(record.cdrs),
        "last_updated": instant_text(record.last_updated),
    }
