"""Whether config.py is as it should be, and whose our own files are."""

from collections.abc import Iterator

from visitorsflow import config_file, ownership, settings
from visitorsflow.check.lines import Line, Place, note, well, wrong


def look(place: Place) -> Iterator[Line]:
    """config.py could be read: else there would be no `place`."""
    path, chosen = place.config, place.settings
    if path.exists():
        yield well("config well", path=path)
    elif hint := config_file.misnamed(path):
        yield wrong("config wrong", reason=hint)
    else:
        yield note("config none", path=path)
    if settings.exposed(path, chosen):
        yield wrong("config exposed", path=path)
    for name in chosen.retired:
        yield note("config retired", name=name)
    if chosen.host and "camera" not in chosen.model_fields_set:
        yield note("camera guessed", name=chosen.camera)
    own = list(ownership.own_files(chosen, path, place.folder, chosen.now().date()))
    troubles = [text for text in (ownership.as_root(chosen.home, own), ownership.unusable(own)) if text]
    for text in troubles:
        yield wrong("own files wrong", command=text)
    if not troubles:
        yield well("own files")
