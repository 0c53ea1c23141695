"""Waiting for a condition, with a deadline."""

import time


def wait_until(condition, seconds=30, why="it did not happen"):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, why
        time.sleep(0.02)
    return found
