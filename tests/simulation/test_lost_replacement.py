"""Is a CDR that replaces another one fetched though its push is lost and nothing else happens?"""

from random import Random

from chalicelib.domain.session.session import SessionState
from sandbox.simulation.faults import NoFaults
from sandbox.simulation.history import History
from sandbox.simulation.judging.verdict import violations
from sandbox.simulation.runner import quiet_process
from sandbox.simulation.trip import Act, CdrWay, Scenario, Trip


def test_a_replacement_that_nobody_sends_is_pulled_on_a_quiet_day() -> None:
    trip = Trip(cdr=CdrWay.PULLED)
    acts = (Act("credit", 30, "again"),)
    scenario = Scenario("replaced unheard", (trip,), nights=False, acts=acts)
    history = History(scenario, NoFaults(), Random(0))
    with quiet_process():
        history.run()
    (session,) = history.sessions()
    assert session.state is SessionState.BILLED
    assert session.cdr_id.endswith("-again")
    assert violations(history) == []
