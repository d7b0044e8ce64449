"""The day for Prometheus."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from visitorsflow import __version__
from visitorsflow.rules.health import Health
from visitorsflow.view.course import Shown
from visitorsflow.view.model import ViewModel

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics(shown: Shown) -> bytes:
    """All of it in Prometheus' text format; what is not known now is left out."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_OfDay(shown))
    return generate_latest(registry)


class _OfDay(Collector):
    def __init__(self, shown: Shown) -> None:
        self._shown = shown

    def collect(self) -> Iterable[Metric]:
        model = self._shown.model
        assert model
        yield InfoMetricFamily("visitorsflow_build", "The program.", value={"version": __version__})
        works = float(model.database == "works")
        yield _gauge("database_up", "1 while the database can be read, else 0.", works)
        yield _gauge("age_seconds", "Seconds since the database was read.", model.age)
        if model.database == "works":
            yield _gauge("people_inside", "People inside now.", model.inside)
            yield _gauge("people_in_today", "Who came in today.", model.came_in)
            yield _gauge("people_out_today", "Who went out today.", model.went_out)
            yield _gauge("capacity", "How many people may be inside at once.", model.capacity)
            yield from _cameras(model)
            text = "Seconds since the last report that was accepted, of today or the very last."
            yield _gauge("accepted_report_age_seconds", text, _accepted_age(self._shown))


def _accepted_age(shown: Shown) -> float | None:
    model = shown.model
    if model and model.report and model.report.accepted:
        return model.report.age
    taken = [tick.at for tick in shown.course.ticks if tick.verdict == "yes"] if shown.course else []
    return (model.now - taken[-1]).total_seconds() if model and taken else None


def _cameras(model: ViewModel) -> Iterable[Metric]:
    states = GaugeMetricFamily("visitorsflow_camera_state", "1 for its state.", labels=("camera", "state"))
    files = _of_camera("last_file_age_seconds", "Seconds since its last file.")
    alive = _of_camera("alive_age_seconds", "Seconds since its last sign of life.")
    waiting = _of_camera("files_waiting", "Files that wait.")
    rejected = _of_camera("files_rejected_today", "Files that were rejected today.")
    for camera in model.cameras:
        for state in Health:
            states.add_metric((camera.name, state.value), float(camera.health is state))
        if camera.file_age is not None:
            files.add_metric((camera.name,), camera.file_age)
        alive.add_metric((camera.name,), camera.alive_age)
        waiting.add_metric((camera.name,), camera.waiting)
        rejected.add_metric((camera.name,), camera.rejected)
    yield from (states, files, alive, waiting, rejected)


def _gauge(name: str, text: str, value: float | None) -> Metric:
    gauge = GaugeMetricFamily(f"visitorsflow_{name}", text)
    if value is not None:
        gauge.add_metric((), value)
    return gauge


def _of_camera(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"visitorsflow_camera_{name}", text, labels=("camera",))
