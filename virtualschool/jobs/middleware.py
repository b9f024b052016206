"""Rings for the sweeper once a minute from whatever is asked of the web, so that work is found when beat is away."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from virtualschool.jobs import doorbell

EVERY = 60  # seconds


class NudgeMiddleware:
    """Asks nothing of the database: whether there is work is for the sweeper to see."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.next_at = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if time.monotonic() >= self.next_at:
            self.next_at = time.monotonic() + EVERY
            doorbell.send("sweep")
        return response
