"""Typeset a document: a template kept beside the code, filled with data that is never read as markup."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"


def pdf(template: str, data: Mapping[str, object], *, on: dt.date) -> bytes:
    """Typeset a template as PDF/UA-1, its typeface embedded: the same bytes for the same data and day.

    The template reads `json(bytes(sys.inputs.data))`; what the data holds is shown as text and never as markup.

    Args:
        template: the name of a file in `templates`, without its ending.
        data: what the template shows, as JSON has it.
        on: the day that the document carries.

    Raises:
        ValueError: the template is not there, or cannot be set with this data.
    """
    import typst
    from fontpkg_atkinson_hyperlegible import ROOT

    path = TEMPLATES / f"{template}.typ"
    if not path.is_file():
        raise ValueError(f"there is no template {template!r}")
    try:
        made = typst.compile(
            path,
            root=TEMPLATES,
            font_paths=[ROOT / "files"],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=["ua-1"],
            timestamp=dt.datetime.combine(on, dt.time(), dt.UTC),
        )
    except typst.TypstError as problem:
        raise ValueError(f"{template} cannot be typeset: {problem}") from None
    assert isinstance(made, bytes)
    return made
