"""Work that a role does again and again beside its batches, and that is over before what it works with is closed."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

Run = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]


class Rounds:
    """Rounds of one role; ``run`` makes a task of each, whose failure is its business."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._over = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def every(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Do ``work`` with so much time between one round and the next."""
        self._tasks.append(self._run(self._repeat(seconds, work)))

    async def end(self) -> None:
        """No round begins any more, and none is under way once this returns."""
        self._over.set()
        await asyncio.gather(*self._tasks)

    async def _repeat(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        while not await self._is_over_within(seconds):
            await work()

    async def _is_over_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._over.wait()
        except TimeoutError:
            return False
