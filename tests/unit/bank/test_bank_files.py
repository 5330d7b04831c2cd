"""What becomes of each file that the bank brings, and of each line that fits nothing?"""

import pytest

from chalicelib.domain.bank.payment import end_to_end_id
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.settlement.payout import IllegalPayoutStep, PayoutStage
from chalicelib.ports.store import Put
from chalicelib.usecases.bank import apply, bank_keys
from chalicelib.usecases.bank.accept_files import accept_files
from chalicelib.usecases.bank.explain import explain, refused, unmatched, unread
from chalicelib.usecases.bank.place import book_line
from sandbox.memory.bank import OWN_IBAN
from sandbox.memory.banked import RHEIN_IBAN
from sandbox.memory.world import EUR
from sandbox.peers.bank.bank import Fate
from sandbox.peers.bank.writing import Booking, statement, status_report
from tests.unit.bank.sepa_case import FLOAT, Case


def _settled() -> Case:
    case = Case()
    case.settle()
    return case


def _bring(case: Case, name: str, content: bytes) -> dict[str, int]:
    case.settled.world.ports.mailbox.bring(name, content)
    return accept_files(case.settled.world.ports)


def _stated(case: Case, name: str, *bookings: Booking, opening: int = FLOAT) -> bytes:
    at = case.settled.world.ports.clock.now()
    return statement(name, at, OWN_IBAN, 90, opening, list(bookings), at.date())


def test_a_file_is_kept_as_it_came_before_anything_is_read_from_it() -> None:
    case = _settled()
    ports = case.settled.world.ports
    for name, content in ports.mailbox.brought.items():
        record = ports.store.get(bank_keys.file(name))
        assert record is not None
        assert ports.files.read(record.body["sealed"]) == content


def test_a_file_that_nobody_can_read_is_set_aside_and_stops_no_other() -> None:
    case = Case()
    case.settled.settle_day()
    case.settled.world.ports.mailbox.bring("0.xml", b"<!DOCTYPE d><d/>")
    counts = case.banked.answer()
    assert counts["unread"] == 1
    assert case.payout().stage is PayoutStage.ACCEPTED
    ports = case.settled.world.ports
    assert [file["file"] for file in unread(ports)] == ["0.xml"]
    explain(ports, "0.xml", "sent again as 1.xml, says the bank", "ada")
    assert (unread(ports), accept_files(ports)["unread"]) == ([], 0)


def test_a_file_that_is_refused_each_round_rings_after_a_day_until_it_is_worked_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = Case()
    case.settled.settle_day()
    ports = case.settled.world.ports
    with monkeypatch.context() as broken:
        broken.setattr(apply, "rail_changed", _refuses)
        assert case.banked.answer()["late"] == 0
        (file,) = refused(ports)
        assert file["reason"] == IllegalPayoutStep.code
        ports.clock.forward(hours=23)
        assert accept_files(ports)["late"] == 0
        ports.clock.forward(hours=1)
        assert accept_files(ports)["late"] == 1
        assert refused(ports) == [file]
    assert accept_files(ports) == {"files": 1, "matched": 0, "late": 0, "unread": 0, "gaps": 0}
    assert refused(ports) == []
    assert case.payout().stage is PayoutStage.ACCEPTED


def _refuses(*_call: object) -> bool:
    raise IllegalPayoutStep("reversed", "accepted")


def test_a_file_that_nobody_could_read_may_come_again_under_its_name() -> None:
    case = _settled()
    ports = case.settled.world.ports
    content = _stated(case, "S9", Booking("B1", 700, ports.clock.now().date(), text="interest"))
    assert _bring(case, "9.xml", b"<broken")["unread"] == 1
    counts = _bring(case, "9.xml", content)
    assert (counts["files"], counts["unread"]) == (1, 0)
    assert len(unmatched(ports)) == 1
    assert _bring(case, "9.xml", content)["files"] == 0


def test_other_content_under_the_name_of_a_file_that_is_done_waits_for_people() -> None:
    case = _settled()
    ports = case.settled.world.ports
    day = ports.clock.now().date()
    _bring(case, "9.xml", _stated(case, "S9", Booking("B1", -5, day, text="fee")))
    (fee,) = unmatched(ports)
    explain(ports, fee["line"], "the bank's fee of November", "ada")
    other = _stated(case, "S10", Booking("B2", 700, day, text="interest"), opening=FLOAT - 5)
    booked = len(ports.bank_payouts.balance_lines())
    assert _bring(case, "9.xml", other)["late"] == 0
    assert len(ports.bank_payouts.balance_lines()) == booked, "nothing is taken from it"
    ports.clock.forward(days=1)
    assert accept_files(ports)["late"] == 1
    (line,) = unmatched(ports)
    assert (line["why"], line["references"]) == ("other_content", ["9.xml"])
    assert ports.files.read(line["file"]) == other
    explain(ports, line["line"], "sent by mistake, says the bank", "ada")
    assert accept_files(ports) == {"files": 0, "matched": 0, "late": 0, "unread": 0, "gaps": 0}


def test_a_statement_that_does_not_add_up_is_not_believed() -> None:
    case = _settled()
    content = _stated(case, "S9", Booking("B1", -5, case.settled.world.ports.clock.now().date()))
    wrong = content.replace(b"9999.95", b"9000.00")
    assert _bring(case, "9.xml", wrong)["unread"] == 1
    case.check()


def test_the_same_statement_in_another_file_counts_once() -> None:
    case = _settled()
    ports = case.settled.world.ports
    at = ports.clock.now().date()
    content = _stated(case, "S9", Booking("B1", 700, at, text="interest"))
    _bring(case, "9.xml", content)
    _bring(case, "9-again.xml", content.replace(b"<Document ", b"<Document  "))
    assert len(ports.bank_payouts.balance_lines()) == 2  # the float, and this one
    assert len(unmatched(ports)) == 1


def test_a_line_that_fits_nothing_waits_for_a_person_and_rings_after_a_day() -> None:
    case = _settled()
    ports = case.settled.world.ports
    at = ports.clock.now().date()
    assert (
        _bring(case, "9.xml", _stated(case, "S9", Booking("B1", -250, at, text="fee")))["late"] == 0
    )
    ports.clock.forward(days=1)
    assert accept_files(ports)["late"] == 1
    (line,) = unmatched(ports)
    with pytest.raises(Invalid):
        explain(ports, line["line"], "", "ada")
    explain(ports, line["line"], "the bank's fee of November", "Ada")
    assert not unmatched(ports)
    with pytest.raises(NotFound):
        explain(ports, line["line"], "again", "ada")


def test_a_line_that_a_person_explained_stays_so_when_its_file_is_read_again() -> None:
    """The run that read it first was killed before it wrote down that the file is done."""
    case = _settled()
    ports = case.settled.world.ports
    day = ports.clock.now().date()
    content = _stated(case, "S9", Booking("B1", -5, day, text="fee"))
    at = bank_keys.file("9.xml")
    _bring(case, "9.xml", content)
    (line,) = [row for row in unmatched(ports) if row["money"]["minor"] == -5]
    explain(ports, line["line"], "the bank's fee of November", "ada")
    done = ports.store.get(at)
    assert done is not None
    ports.store.write(Put(at, {**done.body, "state": "received"}, expects=done.version))
    accept_files(ports)
    assert line["line"] not in [row["line"] for row in unmatched(ports)]


def test_money_paid_in_is_booked_as_float_by_a_person() -> None:
    case = _settled()
    ports = case.settled.world.ports
    at = ports.clock.now().date()
    _bring(case, "9.xml", _stated(case, "S9", Booking("B1", 5000, at, text="more float")))
    (line,) = unmatched(ports)
    before = case.cash()
    book_line(ports, line["line"], "float", "ada")
    assert (case.cash() - before).minor == 5000
    case.check()


def test_a_booking_of_another_amount_moves_nothing() -> None:
    case = _settled()
    ports = case.settled.world.ports
    reference, at = case.payout().reference, ports.clock.now().date()
    _bring(case, "9.xml", _stated(case, "S9", Booking("B1", -1600, at, reference)))
    assert case.payout().stage is PayoutStage.ACCEPTED
    assert [line["why"] for line in unmatched(ports)] == ["amount_differs"]


def test_a_status_of_a_message_that_we_never_sent_is_kept() -> None:
    case = _settled()
    at = case.settled.world.ports.clock.now()
    group = "<GrpSts>RJCT</GrpSts>"
    _bring(case, "9.xml", status_report("R9", at, "OTHER", "pain.001.001.09", group, []))
    assert [line["why"] for line in unmatched(case.settled.world.ports)] == ["status_unknown"]


def test_a_duplicate_that_the_bank_refuses_says_nothing_of_the_first() -> None:
    case = Case()
    case.settled.settle_day()
    ports = case.settled.world.ports
    (content,) = ports.mailbox.sent.values()
    ports.mailbox.sent["copy.xml"] = content  # whoever put it: not us
    case.banked.answer()
    assert case.payout().stage is PayoutStage.ACCEPTED
    case.later(2)
    assert case.payout().stage is PayoutStage.CREDITED
    assert case.banked.bank.minor == FLOAT - 1609


def test_a_missing_statement_rings_until_it_comes() -> None:
    case = _settled()
    at = case.settled.world.ports.clock.now()
    fee, interest = Booking("B1", -500, at.date()), Booking("B2", 100, at.date())
    first = statement("S7", at, OWN_IBAN, 88, FLOAT, [fee], at.date())
    second = statement("S8", at, OWN_IBAN, 89, FLOAT - 500, [interest], at.date())
    assert _bring(case, "9.xml", _stated(case, "S9", opening=FLOAT - 400))["gaps"] == 1
    assert _bring(case, "7.xml", first)["gaps"] == 1  # S8 is still missing
    assert accept_files(case.settled.world.ports)["gaps"] == 1
    assert _bring(case, "8.xml", second)["gaps"] == 0


def test_a_debit_after_the_banks_own_rejection_rings() -> None:
    case = Case()
    case.banked.bank.fates[RHEIN_IBAN] = Fate(refused="AC04")
    case.settle()
    ports = case.settled.world.ports
    reference = end_to_end_id(case.payout().id)
    at = ports.clock.now().date()
    _bring(case, "9.xml", _stated(case, "S9", Booking("B1", -1609, at, reference)))
    assert [line["why"] for line in unmatched(ports)] == ["debited_anyway"]
    assert (case.cash() - ports.bank_payouts.balance(EUR)).minor == 1609  # the difference is seen


def test_no_record_or_name_holds_an_account_number() -> None:
    case = _settled()
    case.later(2)
    text = str(case.settled.world.ports.store.dump())
    assert "DE89370400440532013000" not in text
    assert OWN_IBAN not in text
