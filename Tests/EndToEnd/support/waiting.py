"""Deadlines and polling: the only place of the suite that lets time pass."""

import os
import threading
import time

#: Sanitizer builds are slower; MARTLET_SLOW=3 gives every deadline three times the time.
SLOW = float(os.environ.get("MARTLET_SLOW", "1"))

#: How long anything that ought to happen at once may take before the test gives up.
PATIENCE = 8.0 * SLOW

_never = threading.Event()


def deadline_after(seconds):
    """The monotonic instant `seconds` (stretched for slow builds) from now."""
    return time.monotonic() + seconds * SLOW


def wait_until(condition, what, within=8.0):
    """Polls until `condition()` is true and returns its value; fails naming `what` after the deadline."""
    deadline = deadline_after(within)
    pause = 0.001
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within * SLOW:.1f} s in vain until {what}")
        _never.wait(pause)
        pause = min(pause * 1.5, 0.05)


def wait_for(event, what, within=8.0):
    """Waits for a `threading.Event`; fails naming `what` after the deadline."""
    if not event.wait(within * SLOW):
        raise AssertionError(f"waited {within * SLOW:.1f} s in vain for {what}")
