from django.urls import path

from virtualschool.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.people, name="people"),
    path("invite/", views.invite, name="invite"),
    path("cover/", views.cover, name="cover"),
    path("cover/<uuid:cover>/end/", views.end_cover, name="end_cover"),
    path("designated-teachers/", views.teachers, name="teachers"),
    path("designated-teachers/<uuid:organisation>/", views.teacher, name="teacher"),
    path("<uuid:person>/", views.person, name="person"),
    path("<uuid:person>/role/", views.role, name="role"),
    path("<uuid:person>/administrator/", views.administrator, name="administrator"),
    path("<uuid:person>/close/", views.deactivate, name="deactivate"),
    path("<uuid:person>/open/", views.reactivate, name="reactivate"),
    path("<uuid:person>/send-link/", views.send_password_link, name="send_link"),
    path("<uuid:person>/join/", views.join, name="join"),
    path("<uuid:person>/cover/", views.cover_for, name="cover_for"),
]
