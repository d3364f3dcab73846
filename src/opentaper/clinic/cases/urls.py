"""Where each page of cases is, and who may open it."""

from django.urls import path

from opentaper.clinic.cases.views import (
    case,
    change,
    correct,
    edit,
    handed_out,
    later,
    new,
    option,
    predict,
    story,
    version,
    worklist,
)
from opentaper.clinic.people.allowed import allowed

see = allowed("see-cases")

urlpatterns = [
    path("cases/", see(worklist.cases), name="cases"),
    path("cases/new/", allowed("open-case")(new.new), name="new-case"),
    path("cases/new/file/", allowed("open-case")(new.paste), name="paste-case"),
    path("cases/new/echo/", allowed("open-case")(new.echo), name="echo"),
    path("cases/new/stock/", allowed("open-case")(new.stock), name="stock"),
    path("cases/<uuid:case>/", see(case.case), name="case"),
    path("cases/<uuid:case>/followed.svg", see(case.drawn), name="followed"),
    path("cases/<uuid:case>/change/", allowed("change-case")(change.change), name="change-case"),
    path("cases/<uuid:case>/change/file/", allowed("change-case")(change.file), name="change-case-file"),
    path("cases/<uuid:case>/observe/", allowed("observe")(case.do), {"what": "observe"}, name="observe"),
    path("cases/<uuid:case>/hold/", allowed("hold")(case.do), {"what": "hold"}, name="hold"),
    path("cases/<uuid:case>/slow/", allowed("slow")(case.do), {"what": "slow"}, name="slow"),
    path("cases/<uuid:case>/step-back/", allowed("step-back")(case.do), {"what": "step-back"}, name="step-back"),
    path("cases/<uuid:case>/reply/", allowed("reply")(case.do), {"what": "reply"}, name="reply"),
    path("cases/<uuid:case>/resume/", allowed("resume")(later.go_on), name="resume"),
    path("cases/<uuid:case>/products/", allowed("change-products")(later.products), name="products"),
    path("cases/<uuid:case>/stop/", allowed("stop")(later.end), name="stop"),
    path("cases/<uuid:case>/observed/<int:number>/", allowed("correct")(correct.observation), name="correct"),
    path("cases/<uuid:case>/export/", allowed("read-story")(handed_out.everything), name="export"),
    path("cases/<uuid:case>/options/", allowed("propose")(option.options), name="options"),
    path("cases/<uuid:case>/options/switch/", allowed("change-case")(option.switch), name="wish-switch"),
    path("cases/<uuid:case>/options/length/", allowed("propose")(option.length), name="length"),
    path("cases/<uuid:case>/options/length.svg", allowed("propose")(option.length_drawn), name="length-drawn"),
    path("cases/<uuid:case>/options/<str:name>/dose.svg", allowed("propose")(option.dose), name="option-dose"),
    path("cases/<uuid:case>/options/<str:name>/rows/<int:row>/", allowed("propose")(edit.row), name="edit-row"),
    path("cases/<uuid:case>/versions/", see(option.latest), name="latest"),
    path("cases/<uuid:case>/versions/<str:mark>/", see(version.version), name="version"),
    path("cases/<uuid:case>/versions/<str:mark>/dose.svg", see(version.dose), name="version-dose"),
    path("cases/<uuid:case>/versions/<str:mark>/predicted/", allowed("propose")(predict.version), name="predicted"),
    path(
        "cases/<uuid:case>/versions/<str:mark>/predicted/<int:place>.svg",
        allowed("propose")(predict.drawn),
        name="predicted-drawn",
    ),
    path("cases/<uuid:case>/versions/<str:mark>/<str:name>", see(handed_out.one), name="face"),
    path("cases/<uuid:case>/versions/<str:mark>/sign/", allowed("decide")(version.sign), name="sign"),
    path("cases/<uuid:case>/versions/<str:mark>/start/", allowed("decide")(version.begin), name="start"),
    path("cases/<uuid:case>/versions/<str:mark>/decline/", allowed("decide")(version.refuse), name="decline"),
    path("cases/<uuid:case>/story/", allowed("read-story")(story.story), name="story"),
]
