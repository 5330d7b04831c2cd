"""Which writes does DynamoDB refuse, whatever lies in the table? A bug of ours, not a conflict."""

from collections.abc import Sequence

from chalicelib.ports.store import Write

_ITEM_BYTES_MAX = 400_000
_TRANSACTION_ITEMS_MAX = 100
_TRANSACTION_BYTES_MAX = 4_000_000
_PK_BYTES_MAX, _SK_BYTES_MAX = 2048, 1024
_SHORT = min(_PK_BYTES_MAX, _SK_BYTES_MAX) // 4  # characters, of at most four bytes each


def check_names(writes: Sequence[Write]) -> None:
    if len(writes) != 1:
        assert 0 < len(writes) <= _TRANSACTION_ITEMS_MAX, "1 to 100 items a transaction"
        keys = {(write.key.pk, write.key.sk) for write in writes}
        assert len(keys) == len(writes), "a transaction names each item once"
    for write in writes:
        pk, sk = write.key.pk, write.key.sk
        if 0 < len(pk) <= _SHORT and 0 < len(sk) <= _SHORT:  # nearly all
            continue
        assert pk, "a key is not empty"
        assert sk, "a key is not empty"
        assert len(pk.encode()) <= _PK_BYTES_MAX, "a pk is at most 2048 bytes"
        assert len(sk.encode()) <= _SK_BYTES_MAX, "an sk is at most 1024 bytes"


def check_sizes(bodies: Sequence[bytes]) -> None:
    whole = sum(map(len, bodies))
    if whole > _ITEM_BYTES_MAX:  # seldom
        assert max(map(len, bodies)) <= _ITEM_BYTES_MAX, "an item is at most 400 KB"
        assert whole <= _TRANSACTION_BYTES_MAX, "a transaction is at most 4 MB"
