"""The addresses of the roll."""

from django.urls import path

from children.views import care, cohorts, education, files, identity, judgements, needs, notes, people, reviews, schools

app_name = "children"
urlpatterns = [
    path("new/", care.new, name="new"),
    path("new/details/", care.new_details, name="new_details"),
    path("leavers/", care.leavers, name="leavers"),
    path("allocate/", people.allocate_many, name="allocate_many"),
    path("schools/", schools.school_list, name="schools"),
    path("schools/<uuid:school>/", schools.school, name="school"),
    path("schools/<uuid:school>/judgements/add/", judgements.add, name="judgement_add"),
    path("judgements/<uuid:judgement>/", judgements.correct, name="judgement_correct"),
    path("judgements/<uuid:judgement>/remove/", judgements.remove, name="judgement_remove"),
    path("enrolments/<uuid:enrolment>/end/", schools.end_enrolment, name="end_enrolment"),
    path("relationships/<uuid:relationship>/end/", people.end_relationship, name="end_relationship"),
    path("notes/<uuid:note>/edit/", notes.note_edit, name="note_edit"),
    path("files/<uuid:file>/", files.file, name="file"),
    path("files/<uuid:file>/remove/", files.file_remove, name="file_remove"),
    path("previously-in-care/", cohorts.previously_list, name="previously"),
    path("previously-in-care/add/", cohorts.previously_add, name="previously_add"),
    path("previously-in-care/<uuid:record>/", cohorts.previously_record, name="previously_record"),
    path("previously-in-care/<uuid:record>/agreement/", cohorts.previously_agree, name="previously_agree"),
    path("previously-in-care/<uuid:record>/withdraw/", cohorts.previously_withdraw, name="previously_withdraw"),
    path("previously-in-care/<uuid:record>/enquiries/add/", cohorts.previously_ask, name="previously_ask"),
    path("enquiries/<uuid:enquiry>/advice/", cohorts.advise, name="advise"),
    path("hosted/", cohorts.hosted_list, name="hosted"),
    path("hosted/add/", cohorts.hosted_add, name="hosted_add"),
    path("hosted/<uuid:hosted_child>/end/", cohorts.hosted_end, name="hosted_end"),
    path("figures/", cohorts.figures, name="figures"),
    path("figures/add/", cohorts.figure_add, name="figure_add"),
    path("<uuid:child>/identity/", identity.identity, name="identity"),
    path("<uuid:child>/need/", needs.need, name="need"),
    path("<uuid:child>/leave/", care.leave, name="leave"),
    path("<uuid:child>/placement/", care.placement, name="placement"),
    path("<uuid:child>/placement/school/", education.education_answer, name="education_answer"),
    path("<uuid:child>/legal-status/", care.legal_status, name="legal_status"),
    path("<uuid:child>/enrol/", schools.enrol, name="enrol"),
    path("<uuid:child>/allocate/", people.allocate, name="allocate"),
    path("<uuid:child>/review/", reviews.review, name="review"),
    path("<uuid:child>/notes/", notes.note_list, name="notes"),
    path("<uuid:child>/notes/add/", notes.note_add, name="note_add"),
    path("<uuid:child>/files/", files.file_list, name="files"),
    path("<uuid:child>/files/add/", files.file_add, name="file_add"),
]
