"""What is in an evidence pack, and is it still what was sealed?

A pack is a folder of files: `manifest.json` names each part with its SHA-256; each settlement adds
`settlement-<window>.json` (`…-<part>.json` too, if several files of the window have the session)
and each dispute `dispute-<id>-<end>.json`, which name the manifest's hash. All carry a hash of
their own content. A bill that replaced a credited one has a pack of its own, in a folder below.
Where it is kept, manifest and parts lie in one file, `pack.json`: it is written whole or not at
all, and once. Each put costs money, too.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from chalicelib.domain.canonical import canonical_bytes, content_hash

FORMAT = "plugrail-evidence-1"
MANIFEST = "manifest.json"
PACK = "pack.json"
_ADDENDA = ("settlement-", "dispute-")
_OWN_HASH = "sha256"


def part_file(part: str, content: bytes) -> str:
    """A part's file: the hash in its name tells the parts of one bill from another's."""
    return _named(part, sha256(content).hexdigest())


def _named(part: str, digest: str) -> str:
    return f"{part}-{digest[:16]}.json"


def packed(listed: bytes, parts: Mapping[str, bytes]) -> bytes:
    """A manifest and its parts as one file: each text by its file's name."""
    texts = {part_file(part, content): content.decode() for part, content in parts.items()}
    return canonical_bytes({**texts, MANIFEST: listed.decode()})


def unpacked(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a pack, each part on its own; one that cannot be read stays as it is."""
    texts = _json(files.get(PACK, b""))
    if not texts or not all(isinstance(text, str) for text in texts.values()):
        return dict(files)
    others = {name: content for name, content in files.items() if name != PACK}
    return others | {name: text.encode() for name, text in texts.items()}


def manifest_hash(pack: bytes) -> str:
    """The hash of a pack's manifest, by which later pages name the pack."""
    return sha256(unpacked({PACK: pack})[MANIFEST]).hexdigest()


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def manifest(session: str, sealed_at: str, parts: Mapping[str, bytes]) -> bytes:
    """The manifest's bytes for parts by name."""
    digests = [(part, sha256(content).hexdigest()) for part, content in sorted(parts.items())]
    listed = [
        {
            "part": part,
            "file": _named(part, digest),
            "sha256": digest,
            "bytes": len(parts[part]),
        }
        for part, digest in digests
    ]
    return hashed({"format": FORMAT, "session": session, "sealed_at": sealed_at, "parts": listed})


def hashed(body: Mapping[str, Any]) -> bytes:
    """The bytes of a page that carries its own hash."""
    return canonical_bytes({**body, _OWN_HASH: content_hash(body)})


def packs(files: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """The pack and those of later bills below it, each by its folder; parts on their own."""
    found: dict[str, dict[str, bytes]] = {"": {}}
    for name, content in files.items():
        home, _, own = name.rpartition("/")
        found.setdefault(home, {})[own] = content
    return {home: unpacked(pack) for home, pack in sorted(found.items())}


def problems(files: Mapping[str, bytes]) -> list[str]:
    """What was changed in a pack and those below it, by file name → bytes; nothing: intact."""
    return [
        f"{home}/{problem}" if home else problem
        for home, pack in packs(files).items()
        for problem in _problems(pack)
    ]


def _problems(files: Mapping[str, bytes]) -> list[str]:
    if MANIFEST not in files:
        return [f"{MANIFEST} is missing"]
    listed = _intact(files[MANIFEST])
    if listed is None or listed.get("format") != FORMAT:
        return [f"manifest: {MANIFEST} was changed"]
    found: list[str] = []
    named = {MANIFEST}
    for part in listed["parts"]:
        named.add(part["file"])
        found.extend(_part_problems(part, files.get(part["file"])))
    addenda = {name for name in files if name.startswith(_ADDENDA)} - named
    for name in sorted(addenda):
        found.extend(_addendum_problems(name, files[name], files[MANIFEST]))
    strange = sorted(files.keys() - named - addenda)
    return [*found, *(f"{name} is not named by the manifest" for name in strange)]


def _part_problems(part: Mapping[str, Any], content: bytes | None) -> list[str]:
    if content is None:
        return [f"{part['part']}: {part['file']} is missing"]
    if sha256(content).hexdigest() != part["sha256"]:
        return [f"{part['part']}: {part['file']} was changed"]
    return []


def _addendum_problems(name: str, content: bytes, manifest_bytes: bytes) -> list[str]:
    body = _intact(content)
    if body is None:
        return [f"{name.partition('-')[0]}: {name} was changed"]
    if body.get("manifest_sha256") != sha256(manifest_bytes).hexdigest():
        return [f"manifest: {MANIFEST} is not the one that {name} was added to"]
    return []


def _intact(content: bytes) -> dict[str, Any] | None:
    """A page without its own hash, if the hash is right."""
    try:
        plain = json.loads(content, parse_float=str)
    except ValueError:
        return None
    if not isinstance(plain, dict) or plain.pop(_OWN_HASH, "") != content_hash(plain):
        return None
    return plain
