"""A molecule drawn from its SMILES, and the formula of what was drawn."""

from __future__ import annotations

import re

from opentaper.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A drawing of a molecule, with its formula counted from the atoms that were drawn."""

    svg: str
    formula: str


def structure(smiles: str) -> Structure:
    """Draw a molecule, its rings with alternating bonds, in the colour of the text around it.

    Args:
        smiles: the molecule as SMILES.

    Returns:
        The drawing as an SVG element without width or height, the same for the same SMILES.

    Raises:
        ValueError: the text is not a molecule.

    Example:
        >>> structure("O=C1CN=C(c2ccccc2Cl)c2cc([N+](=O)[O-])ccc2N1").formula
        'C15H10ClN3O3'
    """
    from indigo import Indigo, IndigoException
    from indigo.renderer import IndigoRenderer

    chemistry = Indigo()
    renderer = IndigoRenderer(chemistry)
    for option, value in (("render-output-format", "svg"), ("render-margins", "4, 4")):
        chemistry.setOption(option, value)
    try:
        molecule = chemistry.loadMolecule(smiles)
        molecule.dearomatize()
        molecule.layout()
        drawn = bytes(renderer.renderToBuffer(molecule)).decode()
    except IndigoException as problem:
        raise ValueError(f"{smiles!r} cannot be drawn: {problem}") from None
    return Structure(svg=_plain(drawn), formula="".join(molecule.grossFormula().split()))


def _plain(svg: str) -> str:
    """This function will keep the drawing alone: no XML head, no fixed size, no fixed ink."""
    element = svg[svg.index("<svg") :].replace("rgb(0%, 0%, 0%)", "currentColor").replace("xlink:href", "href").strip()
    head, rest = element.split(">", 1)
    return re.sub(r' (?:width|height|xmlns:xlink)="[^"]*"', "", head) + ">" + rest
