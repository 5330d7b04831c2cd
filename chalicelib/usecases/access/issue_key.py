"""How does a partner get an API key, and how is one taken back?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.access.key import ALL_SCOPES, ApiKey, Scope, Stage, key_hash, key_text
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.domain.party.party import Party, PartyKind
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Put
from chalicelib.usecases import keys
from chalicelib.usecases.records import create, find, load


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """`text` is shown once and kept nowhere; a lost key is replaced, not read."""

    text: str
    key: ApiKey


def issue_key(
    ports: Ports,
    partner_id: PartyId,
    stage: Stage = Stage.SANDBOX,
    scopes: Sequence[Scope] = ALL_SCOPES,
    label: str = "",
) -> IssuedKey:
    """Make a key for a partner that is registered, or NotFound."""
    party = find(ports.store, keys.party(partner_id), Party)
    if party is None or party.value.kind is not PartyKind.PARTNER:
        raise NotFound("partner", partner_id, field="partner_id")
    text = key_text(stage, ports.ids.secret())
    key = ApiKey(
        id=ports.ids.new("key"),
        hash=key_hash(text),
        partner_id=partner_id,
        stage=stage,
        scopes=tuple(dict.fromkeys(scopes)),
        label=label,
        made_at=ports.clock.now(),
    )
    listed = Put(keys.partner_key(partner_id, key.id), {"hash": key.hash}, expects=ABSENT)
    ports.store.write(create(keys.api_key(key.hash), key), listed)
    return IssuedKey(text, key)


def revoke_key(ports: Ports, partner_id: PartyId, key_id: str) -> ApiKey:
    """From now on the key is refused. Revoking it again changes nothing."""
    listed = ports.store.get(keys.partner_key(partner_id, key_id))
    if listed is None:
        raise NotFound("API key", key_id)
    record = load(ports.store, keys.api_key(listed.body["hash"]), ApiKey, "API key")
    if record.value.revoked_at is not None:
        return record.value
    revoked = replace(record.value, revoked_at=ports.clock.now())
    ports.store.write(record.put(revoked))
    return revoked
