"""What stands in front of every page: headers, limits, tokens against forged forms."""

import hmac
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import parse_qsl

from starlette.requests import Request

from quiz.text import mark as _
from quiz.text.errors import Refusal

#: Bytes of a form at most, and of one value.
MAX_FORM, MAX_VALUE, MAX_FIELDS = 256 * 1024, 4000, 1500

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class Denied(Refusal):
    """A request that is refused, with the status of the response.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, status: int, template: str, **given: object):
        """Give the status and the sentence."""
        super().__init__(template, **given)
        self.status = status


NOT_FOUND = _("There is no such page here.")


def not_found() -> Denied:
    """Return the refusal of what does not exist, or is somebody else's: the two look alike."""
    return Denied(404, NOT_FOUND)


class Form:
    """The fields of a form that was sent."""

    def __init__(self, pairs: list[tuple[str, str]]):
        """Take names and values, in order."""
        self._pairs = pairs

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def get(self, name: str, default: str = "") -> str:
        """Return the last value of a name."""
        return self.values().get(name, default)

    def values(self) -> dict[str, str]:
        """Return each name with its last value."""
        return dict(self._pairs)


async def read_form(request: Request) -> Form:
    """Read the fields of a form.

    Raises:
        Denied: it is too large, or not a form.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Denied(415, _("Only forms are accepted here."))
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM:
            raise Denied(413, _("This is more than the server accepts; shorten your answers."))
    try:
        pairs = parse_qsl(
            bytes(body).decode("ascii", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS
        )
    except ValueError:
        raise Denied(413, _("This is more than the server accepts; shorten your answers.")) from None
    if any(len(value) > MAX_VALUE or len(name) > 200 for name, value in pairs):
        raise Denied(413, _("This is more than the server accepts; shorten your answers."))
    clean = "\N{REPLACEMENT CHARACTER}"
    return Form([(name.replace("\0", clean), value.replace("\0", clean)) for name, value in pairs])


def token(key: bytes, *parts: str) -> str:
    """Return a code that only this server can make."""
    return hmac.new(key, "\0".join(parts).encode("utf-8", "replace"), sha256).hexdigest()[:40]


def check_form(request: Request, form: Form, key: bytes, session: str) -> None:
    """Refuse a form that another site has sent in the name of the reader.

    Raises:
        Denied: its token is not the one of the reader's session, or the browser says it comes from elsewhere.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    own = hmac.compare_digest(token(key, "form", session).encode(), form.get("token").encode())
    if not own or site not in ("same-origin", "none"):
        raise Denied(403, _("This page is out of date; open it again and repeat what you did."))


class Limit:
    """Lets through so many requests of each client, more at once after a pause.

    Attributes:
        rate: requests per second.
        burst: requests at once.
    """

    rate: float
    burst: float

    def __init__(self, rate: float, burst: float):
        """Set the limits; the least recent of very many clients are forgotten."""
        self.rate, self.burst = rate, burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, client: str, cost: float = 1.0) -> None:
        """Count a request.

        Raises:
            Denied: there were too many.
        """
        moment = time.monotonic()
        with self._lock:
            left, last = self._left.pop(client, (self.burst, moment))
            left = min(self.burst, left + (moment - last) * self.rate)
            allowed = left >= cost
            self._left[client] = (left - cost if allowed else left, moment)
            if len(self._left) > 20_000:
                self._left.popitem(last=False)
        if not allowed:
            raise Denied(429, _("Too many requests; wait a minute and try again."))
