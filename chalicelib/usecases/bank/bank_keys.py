"""Under which key does what the bank says lie? The bank's part of usecases/keys/."""

from chalicelib.ports.store import Key


def transfer(payout_id: str) -> Key:
    """What the bank said of a payout's credit transfer: the rail's own record."""
    return Key(f"bank-transfer#{payout_id}")


def transfers(account: str) -> str:
    """Partition of the credit transfers to one bank account, sk = payout id."""
    return f"bank-transfers#{account}"


def balance(code: str) -> Key:
    """What our account at the bank holds by its last statement, and what is under way."""
    return Key("bank-balance", code)


def file(name: str) -> Key:
    """A file that the bank brought, from before it is read."""
    return Key(f"bank-file#{name}")


def unread() -> str:
    """Partition of the bank's files that nobody could read, sk = name; people look."""
    return "bank-files-unread"


def refused() -> str:
    """Partition of the bank's files that were refused in the last round, sk = name."""
    return "bank-files-refused"


def statement(statement: str) -> Key:
    """Which file a statement was taken from: the same one in another file counts once."""
    return Key(f"bank-statement#{statement}")


def lines(code: str) -> str:
    """Partition of the stated lines of our bank account, sk = `<day>#<statement>#<number>`."""
    return f"bank-lines#{code}"


def unmatched() -> str:
    """Partition of what the bank said of nothing that we know, until a person explains it."""
    return "bank-unmatched"


def explained() -> str:
    """Partition of what was unmatched and who explained it, how."""
    return "bank-explained"
