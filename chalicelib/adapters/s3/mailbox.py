"""How do files reach the bank and come back? A bucket that its EBICS or SFTP gateway reads.

`out/` is ours to fill: a name is used once (`If-None-Match`), and the bucket's policy lets nobody
delete there, so that a file that is there was put, and one that is not was never put. The gateway
copies from `out/` and writes `in/`. Old files expire long after the last look.
"""

from chalicelib.adapters.s3.files import FilesUnavailable, S3Files
from chalicelib.ports.bank import MailboxUnavailable

OUT, IN = "out/", "in/"
_XML = "application/xml"


class S3Mailbox:
    """Implements ports.bank.Mailbox."""

    def __init__(self, bucket: str) -> None:
        self._files = S3Files(bucket)

    def put(self, name: str, content: bytes) -> None:
        try:
            self._files.seal(OUT + name, content, _XML)
        except FilesUnavailable as error:
            raise MailboxUnavailable(str(error)) from error

    def was_put(self, name: str) -> bool:
        try:
            return self._files.read(OUT + name) is not None
        except FilesUnavailable as error:
            raise MailboxUnavailable(str(error)) from error

    def answers(self) -> dict[str, str]:
        try:
            marks = self._files.marks(IN)
            return {name.removeprefix(IN): mark for name, mark in marks.items() if name != IN}
        except FilesUnavailable as error:
            raise MailboxUnavailable(str(error)) from error

    def read(self, name: str) -> bytes:
        try:
            content = self._files.read(IN + name)
        except FilesUnavailable as error:
            raise MailboxUnavailable(str(error)) from error
        if content is None:
            raise MailboxUnavailable(f"{name} is gone")
        return content
