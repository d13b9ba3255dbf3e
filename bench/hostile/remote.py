"""A leansplit that is running somewhere, called over HTTP."""

import http.client
import re
import time
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from bench.hostile.night import NIGHT
from bench.hostile.request import Request
from bench.hostile.target import Answer
from bench.hostile.world import KEYS

_TIMEOUT = 60
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""No server takes these in a header."""

_HOPS = frozenset({"host", "content-length", "transfer-encoding", "expect"})
"""Headers that change where a message ends, or to whom it goes: a gateway reads them, not the app."""


class Remote:
    """A target without tables that can be read or reset."""

    keys: Mapping[str, str] = KEYS
    development = False

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = parts.hostname or "", parts.port
        self._connection = self._connected()

    def send(self, request: Request) -> Answer:
        """See Target; a connection that breaks is a 502, and a night is nothing."""
        if request is NIGHT:
            return Answer(204, {}, b"")
        target = quote(request.target, safe="/%?&=+:;,@!$'()*[]~-._#^|{}<>\\`\"")
        begun = time.monotonic()
        try:
            self._connection.putrequest(
                request.method.upper(), target.replace("#", "%23"), skip_accept_encoding=True
            )
            for name, value in request.headers:
                if name.lower() not in _HOPS:
                    sent = _CONTROL.sub("", value).strip()
                    self._connection.putheader(name, sent.encode("utf-8", "replace"))
            self._connection.putheader("Content-Length", str(len(request.body)))
            self._connection.endheaders(request.body)
            got = self._connection.getresponse()
            headers = {name.lower(): value for name, value in got.getheaders()}
            answer = Answer(got.status, headers, got.read(), (), time.monotonic() - begun)
        except (OSError, http.client.HTTPException) as error:
            answer = Answer(502, {}, b"", (f"{type(error).__name__} of the connection",))
        if answer.status >= 400:
            self._connection.close()
            self._connection = self._connected()
        return answer

    def tables(self) -> Mapping[str, str]:
        """See Target: nothing."""
        return {}

    def reset(self, variant: int) -> None:
        """See Target: it goes on as it is."""

    def _connected(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self._address, timeout=_TIMEOUT)
