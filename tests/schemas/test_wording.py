"""Numbers in sentences: one of something is not several."""

import doctest

from schemas import wording


def test_the_examples_are_true() -> None:
    ran = doctest.testmod(wording)
    assert (ran.failed, ran.attempted > 0) == (0, True)
