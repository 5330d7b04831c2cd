"""After the quiet: what is wrong with a history? Each finding is one line.

Judged by the provider's own record, the CPOs' own record and the raw journal, not by what the use
cases say of themselves.
"""

from collections.abc import Callable

from sandbox.simulation.history import History
from sandbox.simulation.judging import (
    asked,
    books,
    drivers,
    emsps,
    joined,
    money,
    others,
    reconciled,
    sessions,
    signed,
    windows,
)
from sandbox.simulation.judging.found import Found, Lines

CHECKS: tuple[Callable[[Found], Lines], ...] = (
    sessions.nothing_broke,
    money.every_currency_sums_to_zero,
    money.our_cash_is_the_providers,
    money.money_is_conserved,
    books.billed_is_owed,
    books.debts_are_set_off,
    money.nobody_is_paid_twice,
    money.nothing_is_left_at_payees,
    money.what_is_open_is_named,
    money.the_rails_word_is_ours,
    drivers.nobody_is_charged_twice,
    drivers.purses_hold_what_runs,
    drivers.nobody_spends_more_than_allowed,
    sessions.every_session_is_explained,
    windows.every_window_closes_or_says_why,
    windows.every_entry_is_in_one_window,
    reconciled.reconciliation_finds_nothing,
    others.disputes_end_as_was_decided,
    others.banks_that_ask_are_told,
    others.top_ups_are_what_the_provider_took,
    others.the_banks_files_are_read,
    others.partners_hear_by_webhook,
    emsps.emsps_hear_what_is_billed,
    emsps.nobody_roams_twice,
    emsps.nobody_charges_against_a_no,
    emsps.emsps_know_the_network,
    asked.reservations_are_as_asked,
    asked.reservations_stand_as_their_cpos_say,
    asked.cables_are_freed_once,
    asked.wishes_reach_their_charger,
    joined.peers_can_talk,
    signed.terms_and_keys_hold,
)


def violations(history: History) -> list[str]:
    """Every finding, in a fixed order; none is a good history."""
    found = Found(history)
    return [f"{check.__name__}: {line}" for check in CHECKS for line in check(found)]
