"""The authority's API on loopback, and what callAPI.py needs to have something to report."""

from datetime import datetime, timedelta

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.venue import Record, Venue, crossing

PATH = "/upload"


class Api:
    """The authority's API: keeps what it got, answers what the test has put before it."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for(PATH)
        self.answers: list[Response] = []
        self.requests: list[Request] = []
        server.expect_request(PATH).respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        request.get_data()
        self.requests.append(request)
        return self.answers.pop(0) if self.answers else Response('\ufeff{"Desc":"成功"}', 200)


def today(state: int, seconds_ago: int = 0) -> Record:
    return crossing(f"{datetime.now() - timedelta(seconds=seconds_ago):%Y%m%d%H%M%S}", state=state)  # noqa: DTZ005


def store(venue: Venue, *records: Record) -> None:
    venue.drop("20180531101900.json", list(records))
    assert venue.upload().returncode == 0
