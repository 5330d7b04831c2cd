"""How do we call a partner's webhook endpoint? One POST, no redirect, a bounded answer."""

from collections.abc import Mapping

import urllib3

from chalicelib.adapters.address import AddressUnknown, pool_to, resolve
from chalicelib.adapters.deadline import within

_ANSWER_BYTES_MAX = 4096  # the status is all that counts


class OutsideWeb:
    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout_s: int) -> int:
        try:
            address = resolve(url, allow_private=self._allow_private)
        except AddressUnknown:
            return 0
        pool = pool_to(address, urllib3.Timeout(total=timeout_s))
        try:
            with within(timeout_s):
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
