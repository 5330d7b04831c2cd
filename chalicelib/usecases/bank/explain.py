"""Who says what an unmatched line was? A person, in words that stay; nothing is booked by it."""

from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.person import named
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Key, Put
from chalicelib.usecases.bank import bank_keys
from chalicelib.usecases.window.sealed import rows


def unmatched(ports: Ports) -> list[dict[str, Any]]:
    return [{"line": row.key.sk, **row.body} for row in rows(ports, bank_keys.unmatched())]


def unread(ports: Ports) -> list[dict[str, Any]]:
    """The files that could not be read, and why."""
    return [{"file": row.key.sk, **row.body} for row in rows(ports, bank_keys.unread())]


def refused(ports: Ports) -> list[dict[str, Any]]:
    """The files that are tried again each round, since when and why."""
    return [{"file": row.key.sk, **row.body} for row in rows(ports, bank_keys.refused())]


def explain(ports: Ports, line: str, words: str, person: str) -> dict[str, Any]:
    """Move a line to the explained ones. What it was worth is booked first, under its own name.

    Or a file that nobody could read, by its name: the bank has sent it under another one, say.
    """
    name = named(person)
    if not words.strip():
        raise Invalid("words", "are missing", "say what it was")
    listed = (Key(pk, line) for pk in (bank_keys.unmatched(), bank_keys.unread()))
    row = next((found for key in listed if (found := ports.store.get(key))), None)
    if row is None:
        raise NotFound("unmatched line", line, "line")
    said = {"words": words, "by": name, "explained_at": instant_text(ports.clock.now())}
    body = {**row.body, **said}
    ports.store.write(
        Put(Key(bank_keys.explained(), line), body, expects=None),
        Delete(row.key, expects=row.version),
    )
    return {"line": line, **body}
