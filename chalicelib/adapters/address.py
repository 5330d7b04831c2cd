"""May we call this address? Peers and partners name URLs, and none may lead into our own network.

The name is resolved once and the caller connects to that very address, so that a second answer of
the name's server cannot lead elsewhere.
"""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import urllib3

from chalicelib.adapters.deadline import Pool, SecurePool
from chalicelib.domain.errors import Rejected

_NAT64 = IPv6Network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443}


class AddressRefused(Rejected):
    code = "address_refused"
    how_to_fix = "Name an https URL whose host resolves to public addresses only."

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url} may not be called: {reason}")
        self.url, self.reason = url, reason


class AddressUnknown(OSError):
    """The name does not resolve (now)."""


@dataclass(frozen=True, slots=True)
class Address:
    scheme: str
    host: str
    port: int
    ip: str
    target: str  # path and query

    @property
    def authority(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"


def resolve(url: str, *, allow_private: bool) -> Address:
    """The address to connect to.

    Raises AddressRefused when it is not ours to call, AddressUnknown when the name has no answer.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise AddressRefused(url, "it is not a URL") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise AddressRefused(url, "it is not an http or https URL")
    if parts.username is not None or parts.fragment:
        raise AddressRefused(url, "it carries a user name or a fragment")
    if parts.scheme == "http" and not allow_private:
        raise AddressRefused(url, "it is not encrypted")
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressUnknown(parts.hostname) from error
    ips = [str(answer[4][0]) for answer in found]
    if not allow_private:
        for ip in ips:
            if not _public(ip):
                raise AddressRefused(url, f"it leads to {ip}, which is not a public address")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, parts.hostname, port, ips[0], target)


def pool_to(address: Address, timeout: urllib3.Timeout) -> urllib3.HTTPConnectionPool:
    """Connects to the address that was judged; TLS still proves the name.

    What is asked of it is asked `within` a time.
    """
    if address.scheme == "http":
        return Pool(address.ip, address.port, timeout=timeout)
    return SecurePool(
        address.ip,
        address.port,
        timeout=timeout,
        server_hostname=address.host,
        assert_hostname=address.host,
    )


def _public(text: str) -> bool:
    ip = ip_address(text.partition("%")[0])
    if isinstance(ip, IPv6Address):
        # Three ways to carry an IPv4 address inside: it is what is reached in the end.
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = IPv4Address(int(ip) & 0xFFFF_FFFF)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return ip.is_global and not ip.is_multicast
