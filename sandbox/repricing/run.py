"""How are very many CDRs priced again on several cores, in the memory of a few?"""

import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

from chalicelib.domain.tariff.tariff import Tariff
from sandbox.repricing.again import again
from sandbox.repricing.book import Book
from sandbox.repricing.outcome import Outcome
from sandbox.repricing.stream import Found

_BATCH = 500
_AHEAD = 3  # batches a process that are read before they are asked for
_book: list[Book] = []  # of this worker


def outcomes(
    found: Iterable[Found], tariffs: Sequence[Tariff], zone: str, ocpi: str, processes: int
) -> Iterator[Outcome]:
    """One a batch, in the order of what was found, whoever works on it."""
    batches = _batches(iter(found))
    if processes == 1:
        book = Book(tariffs, zone)
        yield from (again(batch, book, ocpi) for batch in batches)
        return
    pending: deque[Future[Outcome]] = deque()
    with ProcessPoolExecutor(processes, get_context("spawn"), _open, (tariffs, zone)) as pool:
        for batch in batches:
            pending.append(pool.submit(_again, batch, ocpi))
            if len(pending) > _AHEAD * processes:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _batches(found: Iterator[Found]) -> Iterator[list[Found]]:
    while batch := list(islice(found, _BATCH)):
        yield batch


def _open(tariffs: Sequence[Tariff], zone: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it ends it
    _book[:] = [Book(tariffs, zone)]


def _again(batch: Sequence[Found], ocpi: str) -> Outcome:
    return again(batch, _book[0], ocpi)
