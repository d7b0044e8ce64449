"""A day's totals become the three tags of the report, and its body. Pure."""

import json

from visitorsflow.facts import Totals
from visitorsflow.settings import Settings, TagType


def tags_of(totals: Totals, settings: Settings) -> list[dict[str, str]]:
    """The three tags in the API's order; `totals` has rows, so `first` and `last` are times."""
    assert totals.first is not None
    assert totals.last is not None
    values: dict[TagType, int] = {
        "Count": inside(totals),
        "CountAccuIn": totals.came_in,
        "CountAccuOut": totals.went_out,
    }
    return [
        {
            "SSID": settings.ssid,
            "TagType": tag,
            "TagID": settings.tag_ids[tag],
            "TagValue": str(value),
            "StartTime": f"{totals.first:%Y%m%d%H%M%S}",
            "EndTime": f"{totals.last:%Y%m%d%H%M%S}",
        }
        for tag, value in values.items()
    ]


def inside(totals: Totals) -> int:
    """People inside, as it is reported: never below 0."""
    return max(0, totals.came_in - totals.went_out)


def body_of(tags: list[dict[str, str]]) -> str:
    """The JSON list that is POSTed, one tag a line."""
    return "[" + ",\n ".join(json.dumps(tag, ensure_ascii=False, separators=(",", ":")) for tag in tags) + "]"
