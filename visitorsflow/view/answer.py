"""The answer to a program that asks for the day: the view model as JSON, and the events as texts. Pure."""

import json

from visitorsflow import __version__
from visitorsflow.view.model import ViewModel
from visitorsflow.view.phrases import happening_text
from visitorsflow.words import Words


def answer(model: ViewModel, words: Words) -> str:
    """One JSON object, as `ViewModel.as_json`; beside it the version, and each event with its text."""
    known = json.loads(model.as_json())
    events = [
        {"at": one.at.isoformat(), "is_bad": one.is_bad, "text": happening_text(one, words)}
        for one in model.happenings
    ]
    del known["happenings"]
    return json.dumps({"version": __version__, **known, "events": events}, ensure_ascii=False)
