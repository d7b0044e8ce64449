"""The loop runs in a thread of its own, and the main thread watches it.

A dead network share can hold a listing, a read or a rename for ever, and nothing but the end of the
process frees a thread from that. So whoever must answer then, to people and to signals, is another thread.
"""

import logging
import threading
import time
from collections.abc import Callable

from visitorsflow.intake.pulse import Pulse
from visitorsflow.intake.watch import Wake
from visitorsflow.rules.condition import Condition

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 0.5
SHORTEST_LIMIT_SECONDS = 60
WORTH_A_LINE_SECONDS = 10
AT_END_SECONDS = 1
STOPPED_SECONDS = 5  # between two looks: then this process stood still, and not a disk


def run_supervised(
    work: Callable[[], bool],
    pulse: Pulse,
    wake: Wake,
    tell: Callable[..., None],
    limit: float,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Do `work` in a thread and return what it returns, or raise what it raises.

    Tells when the pulse shows that it is held up for max(60, `limit`) seconds, and when that is over.
    When the wake says stop while it is held up, it is left behind, and that is False.
    """
    results: list[bool] = []
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that can report it
            errors.append(error)

    loop = threading.Thread(target=attempt, name="loop", daemon=True)
    loop.start()
    condition = Condition("loop", max(SHORTEST_LIMIT_SECONDS, limit))
    awake = looked = clock()
    while loop.is_alive():
        loop.join(LOOK_EVERY_SECONDS)
        now = clock()
        if now - looked > STOPPED_SECONDS:  # by Ctrl-Z, or with the whole machine
            awake = now
        looked = now
        place, seconds = pulse.held_up()
        seconds = min(seconds, now - awake)
        if wake.stopping and place and seconds > AT_END_SECONDS:
            log.warning("ended without waiting for %s, which does not answer; nothing is lost", place)
            return False
        if seconds > WORTH_A_LINE_SECONDS:
            tell(*condition.begin(now - seconds, f"{place} does not answer"), *condition.check(now))
        else:
            tell(*condition.end(now))
    if errors:
        raise errors[0]
    return results[0]
