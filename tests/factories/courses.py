"""Courses that young people take and schools teach."""

import factory
from factory.django import DjangoModelFactory

from referrals.coursematch import subject_key
from referrals.enums import AwardingBody
from referrals.models import ChildCourse, SchoolCourse, WholeList
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, SchoolFactory, ago


class ChildCourseFactory(DjangoModelFactory):
    class Meta:
        model = ChildCourse

    child = factory.SubFactory(ChildFactory, in_care=True, year=10)
    subject = "English Literature"
    subject_key = factory.LazyAttribute(lambda made: subject_key(made.subject))
    awarding_body = AwardingBody.AQA
    specification_code = "8702"
    told_by = "The exams officer"
    told_on = ago(30)
    recorded_by = factory.SubFactory(UserFactory, role="teacher")


class SchoolCourseFactory(DjangoModelFactory):
    class Meta:
        model = SchoolCourse

    school = factory.SubFactory(SchoolFactory)
    subject = "English Literature"
    subject_key = factory.LazyAttribute(lambda made: subject_key(made.subject))
    awarding_body = AwardingBody.EDUQAS
    specification_code = "C720QS"
    told_by = "The exams officer"
    told_on = ago(30)
    recorded_by = factory.SubFactory(UserFactory, role="teacher")


class WholeListFactory(DjangoModelFactory):
    class Meta:
        model = WholeList

    school = factory.SubFactory(SchoolFactory)
    stage = "ks4"
    told_by = "The exams officer"
    told_on = ago(30)
    recorded_by = factory.SubFactory(UserFactory, role="teacher")
