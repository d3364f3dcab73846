"""Every page of the clinic. An app adds its own `urls` here."""

from django.urls import include, path

urlpatterns = [
    path("", include("opentaper.clinic.people.urls")),
    path("", include("opentaper.clinic.library.urls")),
    path("", include("opentaper.clinic.cases.urls")),
]
