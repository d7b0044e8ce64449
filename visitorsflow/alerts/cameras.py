"""What is said of cameras whose PCs do not answer, or answer again: one message, however many there are."""

from datetime import datetime

from visitorsflow.events import CamerasBack, CamerasLost
from visitorsflow.facts import Absence, Return
from visitorsflow.text import day_time
from visitorsflow.words import Words


def lost_text(lost: CamerasLost, words: Words, now: datetime) -> str:
    """Which cameras do not answer, and since when; a time of another day than `now` has its date."""

    def say(key: str, one: Absence) -> str:
        since = day_time(one.since, now)
        return words(f"{key} stopped" if one.stopped else key, camera=one.camera, since=since)

    if len(lost.cameras) == 1:
        return say("camera", lost.cameras[0])
    return words(
        "cameras", cameras=words("list").join(say("one of the cameras", one) for one in lost.cameras)
    )


def back_text(back: CamerasBack, words: Words) -> str:
    """Which cameras answer again, and how long they did not."""

    def say(key: str, one: Return) -> str:
        return words(f"{key} over", camera=one.camera, length=words.length(one.seconds))

    if len(back.cameras) == 1:
        return say("camera", back.cameras[0])
    cameras = words("list").join(say("one of the cameras", one) for one in back.cameras)
    return words("cameras over", cameras=cameras)
