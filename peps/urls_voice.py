"""Pages for a child, a carer or a parent with a link. The secret stands in the first address only."""

from django.urls import path

from peps.views import voice_public

app_name = "voice"
urlpatterns = [
    path("k/<str:token>/", voice_public.start, name="start"),
    path("<slug:link>/", voice_public.about, name="about"),
    path("<slug:link>/<int:step>/", voice_public.question, name="question"),
    path("<slug:link>/check/", voice_public.check, name="check"),
    path("<slug:link>/done/", voice_public.done, name="done"),
    path("<slug:link>/answer/", voice_public.answer, name="answer"),
]
