"""Under which key lies what becomes of a payout?"""

from chalicelib.ports.store import Key


def payout(payout_id: str) -> Key:
    return Key(f"payout#{payout_id}")


def step(payout_id: str, name: str) -> Key:
    """The journal of a payout's steps, for people; name starts with the instant."""
    return Key(f"payout#{payout_id}", f"step#{name}")


def approval(payout_id: str) -> Key:
    """Who proposed and who approved a payout above the limit."""
    return Key(f"payout#{payout_id}", "approval")


def to_approve() -> str:
    """Partition of the payouts that wait for two people's approval, sk = payout id."""
    return "payouts-to-approve"


def approved() -> str:
    """Partition of the approved payouts that the sweep has to make, sk = payout id."""
    return "payouts-approved"


def approval_limit(code: str) -> Key:
    """Above which sum in a currency a payout needs two people."""
    return Key("payout-limits", code)


def float_forecast() -> Key:
    """Whether our money on the rails suffices, as it was last worked out."""
    return Key("float-forecast")


def staff_hold(subject: str) -> Key:
    """Why people hold a party or a payout, and who; one partition lists them all."""
    return Key("staff-holds", subject)


def exchanged(payout_id: str, code: str) -> Key:
    """By which exchange the payout's conversion of a currency was closed; no row: it is open."""
    return Key(f"payout#{payout_id}", f"exchanged#{code}")


def uncredited() -> str:
    """Partition of the payouts that a rail accepted and did not credit yet, sk = payout id."""
    return "payouts-uncredited"


def returnable() -> str:
    """Partition of credited payouts that a bank may send back, sk = `<ask again at>#<payout>`."""
    return "payouts-returnable"


def returned() -> str:
    """Partition of the returned payouts that two people have not agreed on yet, sk = payout id."""
    return "payouts-returned"


def to_reopen() -> str:
    """Partition of the returned payouts that two people agreed to pay again, sk = payout id."""
    return "payouts-to-reopen"


def unmatched_payout(reference: str) -> Key:
    """What a rail said of a payout that we do not know (yet)."""
    return Key("payouts-unmatched", reference)
