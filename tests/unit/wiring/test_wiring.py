"""Is each adapter built from the environment, late, and only where its settings are given?"""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib import wiring
from chalicelib.adapters.clock import ClockUnavailable, SteppedClock
from chalicelib.adapters.ids import TimeOrderedIds
from chalicelib.wiring import Adapters, Settings
from chalicelib.wiring.settings import SettingMissing
from sandbox.aws.package import ROOT
from sandbox.memory.plain import MemoryClock

AT = datetime(2026, 11, 20, 9, 0, 0, 123_000, tzinfo=UTC)


def test_a_setting_that_is_missing_is_named_when_it_is_used() -> None:
    adapters = Adapters(Settings({}))
    with pytest.raises(SettingMissing) as caught:
        _ = adapters.store
    assert caught.value.name == "TABLE"


def test_the_public_url_has_no_trailing_slash() -> None:
    assert Settings({"PUBLIC_URL": "https://api.example/"}).public_url == "https://api.example"


def test_private_addresses_are_refused_unless_the_setting_says_true() -> None:
    assert not Settings({}).allow_private_urls
    assert not Settings({"ALLOW_PRIVATE_URLS": "1"}).allow_private_urls
    assert Settings({"ALLOW_PRIVATE_URLS": "true"}).allow_private_urls


def test_an_adapter_is_built_once() -> None:
    adapters = Adapters(Settings({"TABLE": "t"}))
    assert adapters.store is adapters.store


def test_tests_put_their_own_ports_in_place_and_take_them_away() -> None:
    ours = Adapters(Settings({}))
    wiring.use(ours)
    try:
        assert wiring.ports() is ours
    finally:
        wiring.use(None)
    assert wiring.ports() is not ours
    wiring.use(None)


def test_importing_the_app_loads_no_sdk() -> None:
    """A cold start pays for boto3 and stripe when a path needs them."""
    code = "import app, sys; print(*sorted({'boto3', 'stripe'} & set(sys.modules)))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our interpreter
    assert done.stdout.split() == []


def test_ids_are_uuids_of_version_seven_in_the_order_of_the_clock() -> None:
    clock = MemoryClock(AT)
    ids = TimeOrderedIds(clock)
    first = ids.new("ses")
    prefix, _, digits = first.partition("_")
    assert (prefix, len(digits)) == ("ses", 32)
    assert digits[12] == "7"
    assert digits[16] in "89ab"
    assert int(digits[:12], 16) == 1_795_165_200_123
    clock.at += timedelta(milliseconds=1)
    assert first < ids.new("ses")


def test_secrets_have_256_bits_and_do_not_repeat() -> None:
    ids = TimeOrderedIds(MemoryClock(AT))
    made = {ids.secret() for _ in range(100)}
    assert len(made) == 100
    assert min(map(len, made)) >= 43


@pytest.mark.parametrize("content", [None, "", "soon", b"\xff"])
def test_a_silent_clock_is_not_replaced_by_wall_time(
    content: str | bytes | None, tmp_path: Path
) -> None:
    file = tmp_path / "clock"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ClockUnavailable):
        SteppedClock(str(file)).now()
