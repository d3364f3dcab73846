"""The language of a page: what is said in it, and what stays English because the base or the record says it so."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from opentaper.exchange import Language, drug_name, language, product_name
from opentaper.knowledge import Product

OURS = {"es": "es-US"}
"""Spanish pages print a decimal point, as people type it there and as packages have it (docs/decisions/0022-spanish.md)."""


def of_page() -> Language:
    """Return the language in which doses, steps and charts of this page are said."""
    here = get_language() or "en"
    return language(OURS.get(here, "en"))


def english(text: object) -> str:
    """Return words that nobody has translated; where the page is not English, marked as English for whoever listens.

    Words that are marked as safe are said in the language of the page already, and stay as they are.
    """
    if isinstance(text, SafeString):
        return text
    return str(text) if of_page().tag == "en" else format_html('<span lang="en">{}</span>', text)


def said(text: object) -> str:
    """Return words of the base as the catalogue has them, else in English: for places where nothing can be marked."""
    return gettext(str(text)) if text else ""


def of_base(text: object) -> str:
    """Return words of the base as the catalogue has them, else in English and marked."""
    translated = said(text)
    return translated if translated != str(text) else english(translated)


def drug(key: str) -> str:
    """Return what a drug is called; one that is not tapered here is called as the base does."""
    try:
        return key if of_page().tag == "en" else drug_name(key, of_page()).lower()
    except LookupError:
        return said(key)


def product(of: Product) -> str:
    """Return what a product is: "0.5 mg tablet"."""
    return product_name(of, of_page())
