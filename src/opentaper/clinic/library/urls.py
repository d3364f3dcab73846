"""Where each page of the library is, and who may open it."""

from django.urls import path

from opentaper.clinic.library.views import contributing, own, reading, signing
from opentaper.clinic.people.allowed import allowed

read, propose, review = allowed("read-library"), allowed("contribute"), allowed("sign-knowledge")

urlpatterns = [
    path("library/", read(reading.library), name="library"),
    path("library/contribute/<str:kind>/<path:key>/", propose(contributing.contribute), name="contribute"),
    path("library/contributions/", read(contributing.contributions), name="contributions"),
    path("library/contributions/<uuid:proposal>/", read(contributing.contribution), name="contribution"),
    path("library/contributions/<uuid:proposal>/comment/", propose(contributing.comment), name="comment"),
    path("library/contributions/<uuid:proposal>/settle/", review(contributing.settle), name="settle"),
    path("library/export/", review(signing.to_ship), name="export-knowledge"),
    path("library/export/opentaper-knowledge.diff", review(signing.changes_diff), name="knowledge-diff"),
    path("library/sign/<path:file>/", review(signing.sign_file), name="sign-file"),
    path("library/files/<path:file>/", read(signing.file), name="library-file"),
    path("library/own/", read(own.own_layer), name="own-layer"),
    path("library/own/write/", allowed("change-layer")(own.draft), name="write-layer"),
    path("library/own/<int:number>/", read(own.version), name="layer-version"),
    path("library/own/<int:number>/sign/", allowed("sign-layer")(own.sign), name="sign-layer"),
    path("library/<str:kind>/<path:key>/", read(reading.page), name="library-thing"),
]
