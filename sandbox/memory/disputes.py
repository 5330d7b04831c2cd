"""What does the provider in memory know of chargebacks? What the driver's bank took, and why."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.money import Money
from chalicelib.ports.clock import Clock
from chalicelib.ports.payments import Dispute, DisputeMove, DisputeState, KeyReused, PaymentRefused
from sandbox.memory.key_memory import KEY_LIFE
from sandbox.memory.payouts import MemoryPayouts

FEE_MINOR = 2000  # Stripe in Europe, for each dispute; not given back
ANSWER_WITHIN = timedelta(days=7)
OPEN = frozenset({DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW})
ASKING = frozenset({DisputeState.INQUIRY, DisputeState.NEEDS_RESPONSE})


class Disputes:
    def __init__(self, clock: Clock, rail: MemoryPayouts | None) -> None:
        self._clock, self._rail = clock, rail
        self._known: dict[str, Dispute] = {}
        self._inquiries: list[str] = []
        self._answers: dict[str, tuple[str, Dispute, datetime]] = {}
        self.evidence: dict[tuple[str, DisputeState], str] = {}  # and what it was sent to

    def every(self) -> dict[str, Dispute]:
        return dict(self._known)

    def read(self, reference: str) -> Dispute:
        if reference not in self._known:
            raise PaymentRefused("resource_missing", f"no such dispute: {reference!r}")
        return self._known[reference]

    def has_money_of(self, payment: str) -> bool:
        """Whether the driver's bank has a payment's money now."""
        known = [dispute for dispute in self._known.values() if dispute.payment == payment]
        return any(sum(move.money.minor for move in dispute.moves) < 0 for dispute in known)

    def contest(self, reference: str, evidence: str, key: str) -> Dispute:
        """A key's answer is the same for a day, whatever has become of the dispute since."""
        assert key, "an answer to a bank is sent once"
        now, known = self._clock.now(), self._answers.get(key)
        if known is not None and now < known[2]:
            if known[0] != evidence:
                raise KeyReused(key)
            return known[1]
        answer = self._contested(self.read(reference), evidence)
        self._answers[key] = evidence, answer, now + KEY_LIFE
        return answer

    def _contested(self, dispute: Dispute, evidence: str) -> Dispute:
        """An inquiry stays one until its bank is content, or not. What is closed hears nothing."""
        if dispute.state in ASKING:
            self.evidence.setdefault((dispute.reference, dispute.state), evidence)
        if dispute.state is DisputeState.NEEDS_RESPONSE:
            under_review = replace(dispute, state=DisputeState.UNDER_REVIEW)
            self._known[dispute.reference] = under_review
        return self._known[dispute.reference]

    def open(self, payment: str, owner: str, money: Money, reason: str, state: DisputeState) -> str:
        reference, now = f"dp_{len(self._known) + 1:024d}", self._clock.now()
        dispute = Dispute(
            reference, payment, owner, state, money, reason, now, answer_by=now + ANSWER_WITHIN
        )
        self._known[reference] = dispute
        if state is DisputeState.INQUIRY:
            self._inquiries.append(reference)
        else:
            self._move(reference, -money, FEE_MINOR)
        return reference

    def unanswered(self) -> list[str]:
        """The inquiries to which nobody ever sent any evidence."""
        return [id_ for id_ in self._inquiries if (id_, DisputeState.INQUIRY) not in self.evidence]

    def escalate(self, reference: str) -> None:
        """An inquiry becomes a chargeback, under its own name; only now money and a fee move."""
        dispute = self._known[reference]
        assert dispute.state is DisputeState.INQUIRY, f"{reference} is no inquiry"
        answer_by = self._clock.now() + ANSWER_WITHIN
        now = replace(dispute, state=DisputeState.NEEDS_RESPONSE, answer_by=answer_by)
        self._known[reference] = now
        self._move(reference, -now.money, FEE_MINOR)

    def close(self, reference: str, state: DisputeState) -> None:
        """Won gives the money back; lost leaves it where it is. An inquiry just ends."""
        inquiry = self._known[reference].state is DisputeState.INQUIRY
        assert inquiry is (state is DisputeState.CLOSED), "only an inquiry ends undecided"
        dispute = replace(self._known[reference], state=state)
        self._known[reference] = dispute
        if state is DisputeState.WON:
            self._move(reference, dispute.money, 0)

    def _move(self, reference: str, money: Money, fee_minor: int) -> None:
        dispute = self._known[reference]
        line = f"txn_{reference}_{len(dispute.moves)}"
        by = None if self._rail is None else self._rail.converted(money)
        lies = money if by is None else by.got
        fee = Money(fee_minor, lies.currency)
        if self._rail is not None:
            line = self._rail.book_dispute(reference, dispute.owner, lies, fee)
        move = DisputeMove(line, money, fee, by)
        self._known[reference] = replace(dispute, moves=(*dispute.moves, move))
