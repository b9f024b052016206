"""What a page costs beside a plain signed-in one, which is drawn with the same layout and nothing else."""

from datetime import date

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from children.models import Child
from scripts.bench import measure
from scripts.bench.generate import DAY
from scripts.bench.roll import HEAD
from virtualschool.kernel.dates import moment, standing_at

# What targets G6 asks for: at least this share of the plain page's rate, and at most so many queries.
WANTED = {"the roll": (0.5, 8), "the dashboard": (0.4, 12), "a child's page": (0.4, 12)}


def addresses() -> dict[str, str]:
    """The pages that are measured; the plain one first."""
    child = Child.objects.order_by("pk").first()
    return {
        "a plain signed-in page": reverse("overview:help"),
        "the roll": reverse("overview:roll"),
        "the roll, its last page": reverse("overview:roll") + "?page=999999999",
        "the head's home": reverse("overview:home"),
        "the dashboard": reverse("overview:dashboard"),
        "a child's page": reverse("overview:child", args=[child.uuid]),
        "a child's attendance": reverse("attendance:child", args=[child.uuid]),
        "attendance: rates": reverse("attendance:rates"),
        "attendance: who is persistently absent": reverse("attendance:list", args=["year", "persistent"]),
    }


def measured(on: date, rounds: int) -> list[measure.Row]:
    """Round by round, as the head of the Virtual School, on the morning after.

    Raises:
        Differs: when a page does not answer 200.
    """
    with standing_at(moment(on + DAY, 9)):
        client = Client(SERVER_NAME="localhost")
        client.force_login(get_user_model().objects.get(email=HEAD))
        works = {words: lambda path=path: client.get(path).status_code for words, path in addresses().items()}
        for words, work in works.items():
            if work() != 200:
                raise measure.Differs(f"The page does not open: {words}.")
        queries, buffers = {}, {}
        for words, work in works.items():
            with measure.touched() as told, CaptureQueriesContext(connection) as asked:
                work()
            queries[words], buffers[words] = len(asked), told["buffers"]
        costs = measure.rounds_of(works, rounds, lambda answer, words: str(answer))
    rows = [measure.row(words, spent, queries=queries[words], buffers=buffers[words]) for words, spent in costs.items()]
    for one in rows:
        one.ratio = rows[0].cpu / one.cpu
    return rows
