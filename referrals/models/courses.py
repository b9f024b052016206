"""What a young person takes to an examination, and what a school teaches: told by people, each with its day.

No national file says which awarding body a school uses; the designated teacher and the exams officer do.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from children.models import Child, School
from referrals.enums import AwardingBody, CourseStage, Coursework, KeepCourse, Match, Tier
from referrals.models.moves import SchoolMove
from referrals.querysets import ChildCourseQuerySet, OfSchoolQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only, history

OVER = "This course is recorded already."


class Course(models.Model):
    """What both have in common. ``subject_key`` is the subject in its one form; ``version`` counts the changes."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    stage = models.CharField(max_length=7, choices=CourseStage, default=CourseStage.KS4)
    subject = models.CharField(max_length=80)
    subject_key = models.CharField(max_length=120)
    awarding_body = models.CharField(
        max_length=12, choices=AwardingBody, blank=True, help_text="Empty where it is not known."
    )
    specification_code = models.CharField(max_length=20, blank=True)
    tier = models.CharField(max_length=10, choices=Tier, blank=True)
    told_by = models.CharField(max_length=120, help_text="Such as the exams officer, by name or post.")
    told_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.subject

    @property
    def what(self) -> str:
        """Awarding body, code and tier, as far as they are known."""
        known = (self.get_awarding_body_display(), self.specification_code, self.get_tier_display())
        return ", ".join(part for part in known if part)


class ChildCourse(Course):
    """A course that a young person takes or took. One that was stopped stays, with its end."""

    child = models.ForeignKey(Child, models.CASCADE, related_name="courses")
    coursework = models.CharField(max_length=8, choices=Coursework, default=Coursework.UNKNOWN)
    exam_on = models.DateField(null=True, blank=True)

    objects = ChildCourseQuerySet.as_manager()

    class Meta:
        ordering = ["subject_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "stage", "subject_key"],
                condition=Q(ended_on__isnull=True),
                name="child_course_once",
                violation_error_message=OVER,
            ),
            models.CheckConstraint(condition=~Q(subject_key=""), name="child_course_has_a_subject"),
        ]
        triggers = [history()]

    def get_absolute_url(self) -> str:
        return reverse("courses:change", args=[self.uuid])


class SchoolCourse(Course):
    """A course that a school teaches or taught. It may teach a subject to several boards or tiers."""

    school = models.ForeignKey(School, models.CASCADE, related_name="courses")

    objects = OfSchoolQuerySet.as_manager()

    class Meta:
        ordering = ["subject_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "stage", "subject_key", "awarding_body", "specification_code", "tier"],
                condition=Q(ended_on__isnull=True),
                name="school_course_once",
                violation_error_message=OVER,
            ),
            models.CheckConstraint(condition=~Q(subject_key=""), name="school_course_has_a_subject"),
        ]
        triggers = [history(child=None)]

    def get_absolute_url(self) -> str:
        return reverse("courses:school_change", args=[self.uuid])


class WholeList(models.Model):
    """A school said on a day whether the courses recorded of it are all that it teaches in these years. The last word counts."""

    append_only = True

    school = models.ForeignKey(School, models.CASCADE, related_name="whole_course_lists")
    stage = models.CharField(max_length=7, choices=CourseStage)
    whole = models.BooleanField(default=True)
    told_by = models.CharField(max_length=120)
    told_on = models.DateField()
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["school", "stage"], name="whole_list_of_school")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return (
            f"Courses of {self.school}, {self.get_stage_display()}: {'whole' if self.whole else 'not the whole'} list"
        )


class CoursePlan(models.Model):
    """What becomes of one course if a move leads to a school, where the two do not match. It holds for ``outcome`` as compared then.

    Without a course it is the plan for a young person of whom no course is recorded.
    """

    move = models.ForeignKey(SchoolMove, models.CASCADE, related_name="course_plans")
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    course = models.ForeignKey(ChildCourse, models.CASCADE, null=True, blank=True, related_name="plans")
    outcome = models.CharField(max_length=11, choices=Match)
    keep = models.CharField(max_length=9, choices=KeepCourse)
    words = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    on = models.DateField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["move", "school", "course"], nulls_distinct=False, name="one_plan_for_a_course_at_a_school"
            ),
            models.CheckConstraint(
                condition=~Q(words=""), name="course_plan_has_words", violation_error_message="Say what the plan is."
            ),
        ]
        triggers = [history(child="move_id", through="referrals_schoolmove")]

    def __str__(self) -> str:
        return f"{self.get_keep_display()}: {self.course or 'no course is recorded'}"
