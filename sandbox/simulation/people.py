"""What do our own people do when something waits for them? They look, hours later, and say so."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.domain.codec import from_plain
from chalicelib.domain.settlement.payout import Payout
from chalicelib.usecases import keys
from chalicelib.usecases.bank import bank_keys
from chalicelib.usecases.bank.place import book_line
from chalicelib.usecases.payout.agree import agree
from chalicelib.usecases.payout.approve import approve, propose
from chalicelib.usecases.payout.block import unblock
from chalicelib.usecases.payout.unknown import absent, unknown
from sandbox.simulation.running import End

if TYPE_CHECKING:
    from sandbox.simulation.history import History


class People:
    """`_asked` names what they were asked about: once."""

    def __init__(self, history: "History") -> None:
        self._history, self._table = history, history.table
        self._asked: set[str] = set()

    def look(self) -> None:
        """Two people look at each payout that came back, agree that it is paid again, and unblock
        its account.
        """
        for item in self._table.query(bank_keys.unmatched()) if self._history.bank.brought else ():
            line = item.key.sk
            if line not in self._asked and item.body.get("stated"):
                self._asked.add(line)
                book = partial(book_line, line=line, meaning="float", person="Ada Lovelace")
                self._say(1, "book_line", book)
        if self._history.nights():
            self._look_at_payouts()
        if self._history.payouts.silent:
            self._look_at_the_rail()
        for pk in self._table.partitions("destination#") if self._history.scenario.acts else ():
            (item,) = self._table.query(pk)
            name = f"unblock {pk} {item.version}"
            if item.body["blocked"] and name not in self._asked:
                self._asked.add(name)
                account = pk.partition("#")[2]
                self._say(3, "unblock", partial(unblock, account=account, person="Ada Lovelace"))

    def _look_at_the_rail(self) -> None:
        """Of a call whose outcome nobody knows two people look there, and find nothing."""
        found = self._history.processes.run("unknown", unknown)
        for payout in found.value if found.end is End.DONE else ():
            if payout.tries == 0 and f"absent {payout.id}" not in self._asked:
                self._asked.add(f"absent {payout.id}")
                for hours, person in ((1, "Ada Lovelace"), (2, "Grace Hopper")):
                    said = partial(absent, payout_id=payout.id, person=person)
                    self._say(hours, "absent", said)

    def _look_at_payouts(self) -> None:
        for item in self._table.query(keys.to_approve()):
            id_ = item.key.sk
            if f"approve {id_}" not in self._asked:
                self._asked.add(f"approve {id_}")
                for hours, name, act, person in (
                    (1, "propose", propose, "Ada Lovelace"),
                    (2, "approve", approve, "Grace Hopper"),
                ):
                    said = partial(act, payout_id=id_, reason="it is right", person=person)
                    self._say(hours, name, said)
        for item in self._table.query(keys.returned()):
            id_ = item.key.sk
            if id_ in self._asked:
                continue
            self._asked.add(id_)
            record = self._table.get(keys.payout(id_))
            assert record is not None, "a returned payout has its record"
            account = from_plain(Payout, record.body).account
            self._say(1, "agree", partial(agree, payout_id=id_, person="Ada Lovelace"))
            self._say(2, "agree", partial(agree, payout_id=id_, person="Grace Hopper"))
            self._say(3, "unblock", partial(unblock, account=account, person="Ada Lovelace"))

    def _say(self, hours: float, what: str, act: Callable[[Any], Any]) -> None:
        self._history.post.send("people", partial(self._said, what, act), after_s=int(hours * 3600))

    def _said(self, what: str, act: Callable[[Any], Any]) -> None:
        if not self._history.processes.run(what, act).answered:
            self._say(0.02, what, act)
