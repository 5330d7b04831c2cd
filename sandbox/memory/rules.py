"""Which writes does DynamoDB refuse, whatever lies in the table? A bug of ours, not a conflict."""

from collections.abc import Sequence

from chalicelib.ports.store import Write

_ITEM_BYTES_MAX = 400_000
_TRANSACTION_ITEMS_MAX = 100
_TRANSACTION_BYTES_MAX = 4_000_000
_PK_BYTES_MAX, _SK_BYTES_MAX = 2048, 1024
_CHARACTER_BYTES_MAX = 4


def check_names(writes: Sequence[Write]) -> None:
    keys = {write.key for write in writes}
    assert 0 < len(writes) <= _TRANSACTION_ITEMS_MAX, "1 to 100 items a transaction"
    assert len(keys) == len(writes), "a transaction names each item once"
    for key in keys:
        assert key.pk, "a key is not empty"
        assert key.sk, "a key is not empty"
        assert _fits(key.pk, _PK_BYTES_MAX), "a pk is at most 2048 bytes"
        assert _fits(key.sk, _SK_BYTES_MAX), "an sk is at most 1024 bytes"


def check_sizes(bodies: Sequence[bytes]) -> None:
    sizes = [len(body) for body in bodies]
    assert max(sizes, default=0) <= _ITEM_BYTES_MAX, "an item is at most 400 KB"
    assert sum(sizes) <= _TRANSACTION_BYTES_MAX, "a transaction is at most 4 MB"


def _fits(name: str, most: int) -> bool:
    return len(name) * _CHARACTER_BYTES_MAX <= most or len(name.encode()) <= most
