"""Can coverage-guided bytes break a reader of CDRs or tariffs? `python -m tests.fuzz`.

Needs atheris (requirements-fuzz.txt), which `make fuzz` installs. What is found is left under
build/fuzz: `python -m tests.fuzz build/fuzz/crash-…` runs it again.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["chalicelib"]):
    from tests.fuzz.reading import read_and_price, seeds

_FOLDER = Path("build/fuzz")
_INPUT_BYTES_MAX = 4_096
_INPUT_S_MAX = 10
_MEGABYTES_MAX = 1_024
_ODD: tuple[Any, ...] = (
    *("", " ", "#NA", "eur", "24:00", "99:99", "19:59:59", "0001-01-01", "9999-12-31T23:59:59Z"),
    *("1e999", "-0", "NaN", "0.49", "YES", "N/A", "RESERVATION", "RESERVATION_EXPIRES", "DE"),
    *(None, True, -1, 0, 1, 86_400, 10**15, [], {}, [None], [[]], [{}]),
)
DOCUMENTS: list[Any] = []


def one_input(raw: bytes) -> None:
    """Half of the inputs are texts, half are instructions how to spoil a golden case."""
    if raw[:1] in {b"{", b"["}:
        read_and_price(raw)
        return
    provider = atheris.FuzzedDataProvider(raw)
    value = json.loads(json.dumps(provider.PickValueInList(DOCUMENTS)))
    for _ in range(provider.ConsumeIntInRange(1, 4)):
        _spoil(value, provider)
    read_and_price(json.dumps(value))


def _spoil(value: Any, provider: Any) -> None:
    """Walk down to some member, and put something odd there, or take it away, or repeat it."""
    while isinstance(value, dict | list) and value:
        names = list(value) if isinstance(value, dict) else list(range(len(value)))
        name = provider.PickValueInList(names)
        below = value[name]
        if isinstance(below, dict | list) and below and provider.ConsumeBool():
            value = below
            continue
        match provider.ConsumeIntInRange(0, 3):
            case 0:
                del value[name]
            case 1 if isinstance(value, list):
                value.append(below)
            case 2:
                value[name] = provider.ConsumeIntInRange(-(10**6), 10**6) / 1000
            case _:
                value[name] = provider.PickValueInList(list(_ODD))
        return


def main() -> None:
    """Fuzz for `--seconds`, or run the inputs that are named once more."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("input", nargs="*", type=Path, help="inputs to run again")
    parser.add_argument("--seconds", type=int, default=300, help="how long (default 300)")
    asked = parser.parse_args()
    for text in seeds():
        assert read_and_price(text), "a golden case has a reading"
        DOCUMENTS.append(json.loads(text))
    words = [sys.argv[0], f"-timeout={_INPUT_S_MAX}", f"-rss_limit_mb={_MEGABYTES_MAX}"]
    if asked.input:
        words += map(str, asked.input)
    else:
        corpus, seeded = _FOLDER / "corpus", _FOLDER / "seeds"
        for folder in (corpus, seeded):
            folder.mkdir(parents=True, exist_ok=True)
        for number, document in enumerate(DOCUMENTS):
            (seeded / f"{number:03}.json").write_text(json.dumps(document))
        words += [f"-max_total_time={asked.seconds}", f"-max_len={_INPUT_BYTES_MAX}"]
        words += [f"-artifact_prefix={_FOLDER}/", str(corpus), str(seeded)]
    atheris.Setup(words, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
