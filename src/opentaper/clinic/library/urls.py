"""Where each page of the library is, and who may open it."""

from django.urls import path

from opentaper.clinic.library.views import reading
from opentaper.clinic.people.allowed import allowed

read = allowed("read-library")

urlpatterns = [
    path("library/", read(reading.library), name="library"),
    path("library/<str:kind>/<path:key>/", read(reading.page), name="library-thing"),
]
