"""What does the provider in memory remember of our keys? The same call is answered the same."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from chalicelib.ports.clock import Clock
from chalicelib.ports.payments import Hold, KeyReused, PaymentRefused, ProviderUnavailable

_T = TypeVar("_T")
KEY_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class _Answer:
    call: tuple[object, ...]
    hold: Hold | None
    refused: PaymentRefused | None
    until: datetime


class KeyMemory:
    """`calls` lists every call that took effect."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answers: dict[str, _Answer] = {}
        self._lost: dict[str, bool] = {}
        self.calls: list[tuple[str, str]] = []

    def lose_next(self, call: str, *, after: bool = True) -> None:
        self._lost[call] = after

    def _once(self, name: str, key: str, call: tuple[object, ...], act: Callable[[], Hold]) -> Hold:
        """The provider's memory of keys: the same call is answered the same for a day."""
        if self._lost.get(name) is False:
            self._lose(name)
        answer = self._answers.get(key)
        if answer is None or answer.until <= self._clock.now():
            answer = self._act((name, *call), act)
            self._answers[key] = answer
            self.calls.append((name, key))
        if answer.call != (name, *call):
            raise KeyReused(key)
        self._lose(name)
        if answer.refused is not None:
            raise answer.refused
        assert answer.hold is not None, "an answer is a hold or a refusal"
        return answer.hold

    def _told(self, name: str, act: Callable[[], _T]) -> _T:
        """An answer that may be lost before the call takes effect, or after."""
        if self._lost.get(name) is False:
            self._lose(name)
        answer = act()
        self._lose(name)
        return answer

    def _act(self, call: tuple[object, ...], act: Callable[[], Hold]) -> _Answer:
        until = self._clock.now() + KEY_LIFE
        try:
            return _Answer(call, act(), None, until)
        except PaymentRefused as refused:
            return _Answer(call, None, refused, until)

    def _lose(self, name: str) -> None:
        if self._lost.pop(name, None) is not None:
            raise ProviderUnavailable(f"no answer to {name}")
