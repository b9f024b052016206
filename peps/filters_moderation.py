import django_filters
from django.db.models import QuerySet

from peps import coach, moderation, rubrics
from peps.enums import Grade
from peps.filters import terms
from peps.models import PepReview, SecondMark
from virtualschool.kernel.forms import FilterForm

OVERALL, NO_NOTE = "overall", "none"
FURTHEST = 2  # bands; what lies further apart counts there too


def in_term(rows: QuerySet, value: str) -> QuerySet:
    """Rows of a PEP's term, as ``2026-autumn``."""
    year, _, term = value.partition("-")
    return rows.filter(pep__academic_year=int(year), pep__term=term)


def bands_apart(mark: SecondMark) -> dict[str, int]:
    """How far two markings lie apart: as a whole, and in each question that both were asked."""
    found = {OVERALL: moderation.apart(mark.review.grade, mark.grade)}
    for pair in moderation.pairs(mark.review.rubric, mark.review.marks, mark.marks):
        found[pair.question.key] = pair.apart
    return {key: min(apart, FURTHEST) for key, apart in found.items() if apart is not None}


def questions() -> list[tuple[str, str]]:
    """Every question of every version, and each version's grade as a whole."""
    return [
        (f"{one.version}:{key}", f"{title} ({one.title})")
        for one in rubrics.versions().values()
        for key, title in ((OVERALL, "The grade as a whole"), *((asked.key, asked.title) for asked in one))
    ]


class _ListFilter(django_filters.FilterSet):
    term = django_filters.ChoiceFilter(label="Term", choices=terms, method="of_term", empty_label="All terms")

    @property
    def qs(self):
        """None when a filter is not understood."""
        return super().qs if self.is_valid() else self.queryset.none()

    def of_term(self, rows, name, value):
        return in_term(rows, value)


class SecondMarkFilter(_ListFilter):
    """Cuts the list of second markings: what waits, what is marked, what is not agreed yet, and how far the two lie apart."""

    STATES = (("waiting", "Waits for my marks"), ("marked", "Marked"), ("open", "Marked, nothing agreed yet"))
    APART = (("0", "The same"), ("1", "1 band apart"), ("2", "2 bands apart or more"))
    state = django_filters.ChoiceFilter(label="State", choices=STATES, method="in_state", empty_label="All")
    question = django_filters.ChoiceFilter(
        label="Question", choices=questions, method="with_question", empty_label="The grade as a whole"
    )
    apart = django_filters.ChoiceFilter(label="Difference", choices=APART, method="that_far", empty_label="Any")

    class Meta:
        model = SecondMark
        form = FilterForm
        fields = ["state", "term", "question", "apart"]

    def in_state(self, rows, name, value):
        if value == "waiting":
            return rows.waiting()
        return rows.marked().filter(note="") if value == "open" else rows.marked()

    def with_question(self, rows, name, value):
        return rows.marked().filter(review__rubric=value.partition(":")[0])

    def that_far(self, rows, name, value):
        key = self.form.cleaned_data["question"].partition(":")[2] or OVERALL
        marked = rows.marked().select_related("review")
        return rows.filter(pk__in=[mark.pk for mark in marked if bands_apart(mark).get(key) == int(value)])


class ReviewsFilter(_ListFilter):
    """Cuts the list of decisions: by the grade, and by a kind of note that the coach had made."""

    NOTES = ((NO_NOTE, "None"), *coach.KINDS.items())
    grade = django_filters.ChoiceFilter(label="Grade", choices=Grade.choices, empty_label="All")
    note = django_filters.ChoiceFilter(label="Note of the coach", choices=NOTES, method="noted", empty_label="Any")

    class Meta:
        model = PepReview
        form = FilterForm
        fields = ["term", "grade", "note"]

    def noted(self, rows, name, value):
        return rows.filter(coach_notes=[]) if value == NO_NOTE else rows.filter(coach_notes__contains=[value])
