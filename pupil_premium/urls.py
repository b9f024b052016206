from django.urls import path

from pupil_premium import views

app_name = "pupil_premium"
urlpatterns = [
    path("", views.lines, name="releases"),
    path("lines/<uuid:release>/", views.line, name="release"),
    path("lines/<uuid:release>/release/", views.pay, name="pay"),
    path("books/", views.books_page, name="books"),
    path("books/grant/", views.open_year, name="open_year"),
    path("books/<uuid:entry>/", views.entry, name="entry"),
    path("books/<uuid:entry>/reverse/", views.reverse_entry, name="reverse"),
]
