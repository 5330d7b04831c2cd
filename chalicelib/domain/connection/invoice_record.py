"""Which CDRs does an invoice settle, as one side tells the other? (mod_invoice_reconciliation)"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class InvoiceRecord:
    """Of whom it is says `country_code*party_id`: in reverse billing us, else the CPO."""

    country_code: str
    party_id: str
    id: str
    invoice_id: str
    cdrs: tuple[str, ...]
    last_updated: datetime
