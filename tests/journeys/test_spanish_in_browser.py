"""In a real browser, in Spanish: a prescriber logs in, looks at who needs something, starts a plan and holds it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.browser import Demo, chromium, served, visiting


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    chromium()
    with served(tmp_path_factory.mktemp("clinic")) as running:
        yield running


def test_a_plan_is_started_and_held_in_spanish(demo: Demo) -> None:
    with visiting(demo) as doctor:
        doctor.go("/log-in/")
        doctor.press("Español")
        doctor.lang = "es"
        assert doctor.heading() == "Entrar"
        doctor.look("es-log-in")
        doctor.page.get_by_label("Correo electrónico").fill(demo.email("Prescriber"))
        doctor.page.get_by_label("Contraseña").fill(demo.password("Prescriber"))
        doctor.press("Entrar")
        doctor.page.get_by_label("Código").fill(demo.code("Prescriber"))
        doctor.press("Entrar")
        doctor.follow("Lista de trabajo")
        assert doctor.heading() == "Quién necesita algo hoy"
        doctor.look("es-worklist")
        doctor.follow("Nueva reducción gradual")
        doctor.look("es-new-taper")
        doctor.follow("Lista de trabajo")
        doctor.follow("Maria Example")
        doctor.follow("Opciones")
        doctor.look("es-options")
        doctor.page.get_by_role("button", name="Hacer revisar «Habitual").first.click()
        assert "versión 1" in doctor.heading()
        doctor.look("es-version")
        for reason in doctor.page.locator("textarea[name^=reason]").all():
            reason.fill("Lo hablamos con calma.")
        doctor.press("Firmar como Demo Prescriber")
        doctor.press("Iniciar este plan")
        assert doctor.heading() == "Maria Example"
        doctor.look("es-case")
        doctor.page.locator("#hold-head").click()
        held = doctor.page.locator("#hold-head ~ form")
        held.get_by_label("Días").fill("14")
        held.get_by_label("Por qué").fill("Su madre está enferma.")
        held.get_by_role("button").click()
        assert "14 días más tarde" in doctor.page.locator("main").inner_text()
        doctor.look("es-difference")
        doctor.press("Registrar que se mantiene la dosis")
        assert "Sin firmar: vigente porque mantener la dosis" in doctor.page.locator("main").inner_text()
        doctor.look("es-case-held")
        doctor.press("English")
        doctor.lang = "en"
        assert "Not signed: in force because holding" in doctor.page.locator("main").inner_text()
