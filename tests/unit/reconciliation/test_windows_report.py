"""How old is what a window's own reconciliation finds?"""

from dataclasses import replace

from chalicelib.domain.codec import instant_text, to_plain
from chalicelib.domain.money import Money
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.window.sealed import read_plain
from sandbox.memory.world import EUR
from tests.unit.reconciliation.booked_market import funded


def test_a_windows_report_tells_since_when_a_difference_is_known() -> None:
    settled = funded()
    ports, wrong = settled.world.ports, settled.charge()
    assert wrong.bill is not None
    changed = replace(wrong, bill=replace(wrong.bill, gross=Money(1750, EUR)))
    ports.store.write(Put(keys.session(wrong.id), to_plain(changed), None))
    (sale,) = (booked.entry_id for booked in wrong.booked if booked.name == "sale")
    known = {"first_seen": instant_text(wrong.requested_at)}
    ports.store.write(Put(Key(keys.open_differences(), f"bill_differs#{sale}"), known))
    run = settled.settle_day()
    report = read_plain(ports, read_plain(ports, run.proof)["reconciliation"])
    ages = {found["kind"]: found["age_hours"] for found in report["differences"]}
    assert ages["billed_is_not_due"] == 0
    assert ages["bill_differs"] > 12
