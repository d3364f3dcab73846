"""Charts as Vega-Lite descriptions: the same one is drawn here, in a browser and in print, and says itself in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from opentaper.frozen import dataclass

FONT = "Atkinson Hyperlegible"
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
"""The colours of Okabe and Ito, which colour-blind people can tell apart; the yellow, pale on white, comes last."""
GREY = "#6E6E6E"
DASHES = (
    (1, 0), (10, 4), (3, 3), (12, 3, 3, 3), (6, 3), (16, 5), (8, 3, 2, 3, 2, 3), (2, 6), (24, 4), (5, 8), (16, 3, 8, 3),
    (3, 3, 3, 9), (12, 10),
)  # fmt: skip
"""Lengths [px] of line and gap in turn, so that a line is known without its colour; the first is solid."""
PNG_SCALE = 2
"""Pixels of the PNG for one of the drawing, so that print and fine screens stay sharp."""
CONFIG: Mapping[str, Any] = {
    "font": FONT,
    "aria": False,
    "view": {"stroke": "#C8C8C8"},
    "title": {"anchor": "start", "fontSize": 18, "subtitleFontSize": 13, "subtitlePadding": 6, "offset": 14},
    "axis": {"labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal", "gridColor": "#E6E6E6"},
    "legend": {"labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal", "labelLimit": 0},
}


INK, GROUND, LINES = "#E8EEEC", "#1A2120", "#4A5652"
"""In the dark: what is written and drawn, on what, and the lines behind it."""
DARK: Mapping[str, Any] = {
    **CONFIG,
    "view": {"stroke": LINES},
    "title": {**CONFIG["title"], "color": INK, "subtitleColor": INK},
    "axis": {
        **CONFIG["axis"],
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": LINES,
        "domainColor": INK,
        "tickColor": INK,
    },
    "legend": {**CONFIG["legend"], "labelColor": INK, "titleColor": INK},
}
BRIGHTER = {"#0072B2": "#56B4E9", "#56B4E9": "#0072B2", "#000000": "#FFFFFF", "#6E6E6E": "#B4B4B4", "black": "white"}
"""Colours that are too dark on a dark ground, and what stands for them there; still those of Okabe and Ito."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart.

    Args:
        name: what its files are called.
        title: what stands above it.
        spec: what is drawn, as Vega-Lite version 6, complete; `chart` builds one with what all charts share. Numbers in
            its data are decimal text, parsed by whoever draws it.
        says: the same in words, for people who do not see it.
    """

    name: str
    title: str
    spec: Mapping[str, Any]
    says: str

    @property
    def dark(self) -> Chart:
        """The same chart for a dark page: other colours, nothing else."""
        spec = _brighter({key: value for key, value in self.spec.items() if key not in ("config", "background")})
        return replace(self, spec={**spec, "background": GROUND, "config": dict(DARK)})

    def within(self, width: int, height: int) -> Chart:
        """Return the same chart of one view in a narrow space [px]: legends in one column, and no lines under the title.

        Whoever shows it so says in words beside it what those lines say.
        """
        title = {**self.spec["title"], "subtitle": []}
        return replace(self, spec={**_in_one_column(self.spec), "title": title, "width": width, "height": height})

    def svg(self) -> str:
        """Draw it, with its title and words for a screen reader; the same chart gives the same text every time.

        Nothing is fetched from a network. A process that has drawn must not fork.
        """
        import vl_convert

        _register_font()
        head, rest = vl_convert.vegalite_to_svg(json.dumps(self.spec), allowed_base_urls=[]).split(">", 1)
        words = f"<title>{escape(self.title)}</title><desc>{escape(self.says)}</desc>"
        return f'{head} role="img">{words}{rest}'

    def picture(self) -> str:
        """Draw it as `svg` does, with the font in it: a page that shows a drawing as an image lends it none of its own."""
        head, rest = self.svg().split(">", 1)
        return f"{head}><style>{_font_faces()}</style>{rest}"

    def png(self, svg: str | None = None) -> bytes:
        """Draw it as pixels, on white.

        Args:
            svg: what `svg` drew already, so that it is not drawn twice.
        """
        import vl_convert

        return vl_convert.svg_to_png(svg or self.svg(), scale=PNG_SCALE)


def chart(name: str, title: str, says: str, body: Mapping[str, Any], *, subtitle: Sequence[str] = ()) -> Chart:
    """Build a chart with what all charts share: our font, a white ground, a title, its words as description.

    Args:
        name: what its files are called.
        title: what stands above it.
        says: the same in words.
        body: the rest of the Vega-Lite spec: data, marks and encodings, or several views.
        subtitle: lines under the title.
    """
    heading = {"text": title, **({"subtitle": list(subtitle)} if subtitle else {})}
    shared = {"$schema": SCHEMA, "description": says, "background": "white", "padding": 16, "config": dict(CONFIG)}
    return Chart(name=name, title=title, spec={**shared, "title": heading, **body}, says=says)


@cache
def _font_faces() -> str:
    """This function will return the two weights that charts use as a style sheet that needs no other file."""
    from base64 import b64encode

    from fontpkg_atkinson_hyperlegible import ROOT

    faces = []
    for name, weight in (("Regular", 400), ("Bold", 700)):
        data = b64encode((Path(ROOT) / "files" / f"AtkinsonHyperlegible-{name}.ttf").read_bytes()).decode()
        faces.append(f'@font-face{{font-family:"{FONT}";font-weight:{weight};src:url(data:font/ttf;base64,{data})}}')
    return "".join(faces)


@cache
def _register_font() -> None:
    import vl_convert
    from fontpkg_atkinson_hyperlegible import ROOT

    vl_convert.register_font_directory(str(Path(ROOT) / "files"))


def _brighter(spec: Any) -> Any:
    """This function will put brighter colours for those that a dark ground swallows, wherever they stand."""
    if isinstance(spec, Mapping):
        return {key: _brighter(value) for key, value in spec.items()}
    if isinstance(spec, list | tuple):
        return [_brighter(each) for each in spec]
    return BRIGHTER.get(spec, spec) if isinstance(spec, str) else spec


def _in_one_column(spec: Any) -> Any:
    """This function will put every legend of two columns into one."""
    if isinstance(spec, Mapping):
        return {key: 1 if key == "columns" else _in_one_column(value) for key, value in spec.items()}
    return [_in_one_column(each) for each in spec] if isinstance(spec, list | tuple) else spec
