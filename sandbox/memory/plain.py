"""Clock, ids, files and secrets in memory, for tests that need no process."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from chalicelib.ports.files import FileDiffers


class MemoryClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def forward(self, **duration: float) -> None:
        self.at += timedelta(**duration)


class MemoryIds:
    """Predictable: `<prefix>_000…1`, so that a failing test reads the same twice."""

    def __init__(self) -> None:
        self._count = 0

    def new(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}_{self._count:032x}"

    def secret(self) -> str:
        self._count += 1
        return sha256(str(self._count).encode()).hexdigest()


class MemoryFiles:
    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}

    def seal(self, name: str, content: bytes, content_type: str) -> None:
        assert content_type, "a file says what it is"
        if self.content.setdefault(name, content) != content:
            raise FileDiffers(name)

    def read(self, name: str) -> bytes | None:
        return self.content.get(name)

    def names(self, prefix: str) -> list[str]:
        return sorted(name for name in self.content if name.startswith(prefix))


class MemorySecrets:
    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def read(self, name: str) -> str:
        return self.values[name]

    def write(self, name: str, value: str) -> None:
        self.values[name] = value

    def delete(self, name: str) -> None:
        self.values.pop(name, None)
