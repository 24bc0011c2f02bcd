"""HTTP calls to systems around us: every call has a deadline, and what went wrong is sorted by what to do.

``Unavailable`` is worth another try later; ``Refused`` is not, the same call would be refused again.
"""

import asyncio
from collections.abc import Mapping

import httpx

from schemas.errors import RejectedReading, Unavailable

PASSING = frozenset({408, 425, 429})
NOT_OURS = frozenset({401, 403, 404, 405, 407, 410})


class Refused(RejectedReading):
    """The other side understood and will not have it: a dead letter, not another try."""


class Later(Unavailable):
    """It says itself when to ask again: in ``seconds``."""

    seconds = 0.0


class Endpoint:
    """One URL that takes POSTs; ``component`` is how errors name it, without secrets."""

    def __init__(self, component: str, url: str, seconds: float, advice: str = "") -> None:
        self.component = component
        self._url = url
        self._seconds = seconds
        self._advice = advice
        # A proxy of the environment must not come between us and a system that the settings name.
        self._client = httpx.AsyncClient(timeout=seconds, trust_env=False)

    async def post(self, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """The answer to a POST, if it is 2xx.

        Raises ``Unavailable`` if there is none within the deadline, for 5xx and "try later", and for what settings
        must mend (401, 403, 404, ...); ``Refused`` for any other.
        """
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._client.post(self._url, content=content, headers=dict(headers))
        except (httpx.TimeoutException, TimeoutError):
            raise self.down(f"no answer within {self._seconds:g} s") from None
        except httpx.HTTPError as error:
            raise self.down(f"cannot be reached ({str(error) or type(error).__name__})") from error
        return self._sorted(answer)

    def down(self, problem: str) -> Unavailable:
        """It does not do what it should, and may do so later."""
        return Unavailable(self.component, problem, self._advice)

    def _later(self, said: str, seconds: str) -> Unavailable:
        if not seconds.isdecimal():  # a date is as good as nothing: their clock is not ours
            return self.down(said)
        later = Later(self.component, f"{said}, in {seconds} s again", self._advice)
        later.seconds = float(seconds)
        return later

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _sorted(self, answer: httpx.Response) -> httpx.Response:
        status = answer.status_code
        if answer.is_success:
            return answer
        said = f"answered {status} {answer.reason_phrase}"
        if status in NOT_OURS:
            raise self.down(f"{said}: address, user or key are not right")
        if status in PASSING or status >= 500 or answer.is_redirect:
            raise self._later(said, answer.headers.get("Retry-After", ""))
        raise Refused("refused", f"{self.component} {said}: {answer.text[:300]}", field="status", value=status)
