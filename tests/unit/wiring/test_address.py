"""Which URLs may lead out of our network, and which would lead into it?"""

import socket
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.adapters.address import AddressRefused, AddressUnknown, resolve


def _resolver(monkeypatch: pytest.MonkeyPatch, getaddrinfo: Callable[..., list[Any]]) -> None:
    """In the adapter's own view: the real module is guarded by pytest-socket during a test."""
    view = SimpleNamespace(getaddrinfo=getaddrinfo, SOCK_STREAM=socket.SOCK_STREAM)
    monkeypatch.setattr("chalicelib.adapters.address.socket", view)


def _answers(monkeypatch: pytest.MonkeyPatch, *ips: str) -> None:
    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        del host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ips]

    _resolver(monkeypatch, getaddrinfo)


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "10.0.0.8",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse, not to bind
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.8",
        "2002:7f00:1::",
        "64:ff9b::a00:8",
    ],
)
def test_an_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch, ip: str) -> None:
    _answers(monkeypatch, ip)
    with pytest.raises(AddressRefused) as caught:
        resolve("https://partner.example/hooks", allow_private=False)
    assert caught.value.code == "address_refused"


def test_one_private_answer_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _answers(monkeypatch, "93.184.216.34", "10.0.0.8")
    with pytest.raises(AddressRefused):
        resolve("https://partner.example/", allow_private=False)


def test_a_public_address_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    _answers(monkeypatch, "93.184.216.34")
    found = resolve("https://partner.example:8443/hooks?a=1", allow_private=False)
    assert (found.ip, found.port) == ("93.184.216.34", 8443)
    assert (found.authority, found.target) == ("partner.example:8443", "/hooks?a=1")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://partner.example/",
        "http://partner.example/",
        "https:///hooks",
        "https://user@partner.example/",
        "https://partner.example/#part",
        "https://partner.example:port/",
        "https://[::1/",
        "file:///etc/passwd",
        "",
    ],
)
def test_what_is_not_a_plain_https_url_is_refused(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    _answers(monkeypatch, "93.184.216.34")
    with pytest.raises(AddressRefused):
        resolve(url, allow_private=False)


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_on_the_laptop_private_addresses_are_allowed() -> None:
    found = resolve("http://127.0.0.1:8001/hooks", allow_private=True)
    assert (found.ip, found.port, found.authority) == ("127.0.0.1", 8001, "127.0.0.1:8001")


def test_a_name_without_an_answer_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror

    _resolver(monkeypatch, getaddrinfo)
    with pytest.raises(AddressUnknown):
        resolve("https://partner.example/", allow_private=False)
