from django.urls import path

from virtualschool.accounts.views import cover, organisations, people, teachers

app_name = "accounts"
urlpatterns = [
    path("", people.people, name="people"),
    path("invite/", people.invite, name="invite"),
    path("cover/", cover.cover, name="cover"),
    path("cover/<uuid:cover>/end/", cover.end_cover, name="end_cover"),
    path("designated-teachers/", teachers.teachers, name="teachers"),
    path("designated-teachers/<uuid:organisation>/", teachers.teacher, name="teacher"),
    path("designated-teachers/<uuid:organisation>/end/", teachers.teacher_leaves, name="teacher_leaves"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/add/", organisations.add_organisation, name="add_organisation"),
    path("<uuid:person>/", people.person, name="person"),
    path("<uuid:person>/role/", people.role, name="role"),
    path("<uuid:person>/administrator/", people.administrator, name="administrator"),
    path("<uuid:person>/close/", people.deactivate, name="deactivate"),
    path("<uuid:person>/open/", people.reactivate, name="reactivate"),
    path("<uuid:person>/send-link/", people.send_password_link, name="send_link"),
    path("<uuid:person>/join/", people.join, name="join"),
    path("<uuid:person>/leave/<uuid:organisation>/", people.leave, name="leave"),
    path("<uuid:person>/cover/", cover.cover_for, name="cover_for"),
]
