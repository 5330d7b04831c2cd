"""Which bodies does every side refuse alike? Those too large, and those of another media type."""

from chalicelib.domain.errors import Rejected


class BodyTooLarge(Rejected):
    code = "body_too_large"
    how_to_fix = "Send fewer bytes: `detail` says how many at most."

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"the body has {size} bytes and may have {most}")
        self.size, self.most = size, most
        self.how_to_fix = f"Send at most {most} bytes."


class MediaTypeUnsupported(Rejected):
    code = "unsupported_media_type"
    field = "Content-Type"
    how_to_fix = "Send JSON in UTF-8 with `Content-Type: application/json`."

    def __init__(self, content_type: str) -> None:
        super().__init__(f"a body of type {content_type[:80]!r} cannot be read here")
        self.content_type = content_type


def check_size(raw: bytes, most: int) -> None:
    """Pass a body of at most that many bytes."""
    if len(raw) > most:
        raise BodyTooLarge(len(raw), most)


def sentence(text: str) -> str:
    """A remedy as it is told: use cases write some of them as a clause."""
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}." if text else ""
