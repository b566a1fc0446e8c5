"""Codes that only the holder of the course's secret can make."""

import base64
import hashlib
import hmac


def keyed(secret: bytes, *parts: object) -> bytes:
    """Return HMAC-SHA256 over a list of texts, each preceded by its length.

    Example:
        >>> keyed(b"k", "ab", "c") == keyed(b"k", "a", "bc")
        False
    """
    message = b"".join(len(text).to_bytes(8, "big") + text for text in (str(part).encode() for part in parts))
    return hmac.new(secret, message, hashlib.sha256).digest()


def code(digest: bytes, groups: int = 3) -> str:
    """Write the first bits of a digest in groups of four letters and digits without look-alikes.

    Example:
        >>> code(bytes(20))
        'AAAA-AAAA-AAAA'
    """
    text = base64.b32encode(digest).decode().replace("O", "8").replace("I", "9")
    return "-".join(text[4 * i : 4 * i + 4] for i in range(groups))


def equal_codes(one: str, other: object) -> bool:
    """Compare two codes in constant time."""
    return hmac.compare_digest(one.encode(), str(other).encode("utf-8", "replace"))
