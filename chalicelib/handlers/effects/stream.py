"""Who runs effects? This reader of the table's stream: items whose attribute `e` is there.

A poison record would block its shard on AWS (and lose its neighbours in the emulator), so each
owner is isolated here: what may pass later is left to the sweeper, what is broken is quarantined.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from traceback import extract_tb
from typing import Any

from aws_lambda_powertools import Logger

from chalicelib import wiring
from chalicelib.domain.errors import NotYet
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.effect.heartbeat import CANARY
from chalicelib.usecases.effect.quarantine import quarantine
from chalicelib.usecases.effect.run import run_owner
from chalicelib.usecases.records import due_row
from chalicelib.usecases.session.follow import follow

log = Logger(service="run_effects")
_AT_ONCE = 8  # owners are independent, and nearly all of their time is waiting for others


def run_effects(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Run every owner of the batch once, in the order of first mention."""
    records = event.get("Records", ())
    owners = dict.fromkeys(str(record["dynamodb"]["Keys"]["pk"]["S"]) for record in records)
    ports = wiring.ports()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        ran = list(pool.map(lambda pk: isolated(ports, pk), (o for o in owners if o != CANARY.pk)))
    if CANARY.pk in owners:  # it answers for its whole batch, so it comes last
        ran.append(isolated(ports, CANARY.pk))
    log.info("ran", extra={"owners": len(owners), "ran": sum(ran)})
    return {"owners": len(owners), "ran": sum(ran)}


def isolated(ports: Ports, pk: str) -> bool:
    try:
        if pk.startswith("charging#"):
            follow(ports, pk)
        else:
            run_owner(ports, pk)
    except NotYet as reason:
        log.warning("left to the sweeper", extra={**_about(pk), "code": reason.code})
        _leave(ports, pk)
        return False
    except Exception as error:  # noqa: BLE001 - one that breaks would stop its neighbours
        # Without the error's words, which may be a driver's: those are in the note (the table).
        places = [f"{at.filename}:{at.lineno} {at.name}" for at in extract_tb(error.__traceback__)]
        told = {**_about(pk), "error": type(error).__name__, "trace": places}
        log.error("quarantined", extra=told)  # noqa: TRY400 - see above
        quarantine(ports, pk, f"{type(error).__name__}: {error}")
        _leave(ports, pk)
        return False
    return True


def _about(pk: str) -> dict[str, str]:
    """By what a line is found: its owner, and the session where that is one."""
    kind, _, id_ = pk.partition("#")
    return {"owner": pk, "session": id_} if kind == "session" else {"owner": pk}


def _leave(ports: Ports, pk: str) -> None:
    """The row by which the sweeper finds it: its owner may have none that is still to come."""
    ports.store.write(due_row(ports.clock.now(), pk))
