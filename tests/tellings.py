"""News and tellings as the tests need them: of camera 17, begun and made at 0 of the monotonic clock."""

from visitorsflow.alerts.news import Part, State
from visitorsflow.events import Delivered, Stage, Telling
from visitorsflow.subjects import CAMERA


def telling(subject: str, stage: Stage, camera: str = "17") -> Telling:
    return Telling(subject, camera, stage, 0, 0)


def lasting(subject: str, text: str = "") -> State:
    return State(subject, begun=Part(text or subject, telling(subject, Stage.LASTS)))


def over(subject: str, text: str = "") -> State:
    return State(subject, over=Part(text or f"{subject} over", telling(subject, Stage.OVER)))


def dead(camera: str) -> Delivered:
    """Somebody was told that the PC of this camera does not answer."""
    return Delivered(telling(CAMERA.key, Stage.LASTS, camera))


def back(camera: str) -> Delivered:
    """Somebody was told that it does again."""
    return Delivered(telling(CAMERA.key, Stage.OVER, camera))
