"""How do we call a partner's webhook endpoint? One POST, no redirect, a bounded answer."""

from collections.abc import Mapping

import urllib3

from chalicelib.adapters.address import Address, AddressUnknown, resolve

_ANSWER_BYTES_MAX = 4096  # the status is all that counts


class OutsideWeb:
    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout_s: int) -> int:
        try:
            address = resolve(url, allow_private=self._allow_private)
        except AddressUnknown:
            return 0
        pool = _pool(address, timeout_s)
        try:
            answer = pool.urlopen(
                "POST",
                address.target,
                body=body,
                headers={**headers, "Host": address.authority},
                redirect=False,
                retries=False,
                preload_content=False,
            )
            answer.read(_ANSWER_BYTES_MAX)
        except urllib3.exceptions.HTTPError:
            return 0
        finally:
            pool.close()
        return answer.status


def _pool(address: Address, timeout_s: int) -> urllib3.HTTPConnectionPool:
    """Connects to the address that was judged; TLS still proves the name."""
    timeout = urllib3.Timeout(total=timeout_s)
    if address.scheme == "http":
        return urllib3.HTTPConnectionPool(address.ip, address.port, timeout=timeout)
    return urllib3.HTTPSConnectionPool(
        address.ip,
        address.port,
        timeout=timeout,
        server_hostname=address.host,
        assert_hostname=address.host,
    )
