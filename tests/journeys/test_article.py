"""The article about a drug: every claim with its source and state, as a page and as pages that can be heard."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pdfua import validate

from opentaper import Knowledge, load
from opentaper.cli.main import main
from opentaper.exchange import Article, article, article_files, pdf
from opentaper.exchange.article import SECTIONS
from opentaper.exchange.article.page import page
from opentaper.exchange.article.structure import structure
from opentaper.knowledge.facts import TOPICS
from opentaper.knowledge.load import DATA

TODAY = dt.date(2026, 12, 1)
AS_OF = ("--as-of", "2026-12-01")
BASE = load(TODAY)
DRUGS = list(BASE.drugs)
TYPESET = ["clonazepam", "loprazolam", "7-aminoclonazepam"]
EMPTY = {"meta", "br", "path", "use", "rect", "line"}


class Reader(HTMLParser):
    """Reads a page as a strict reader would: every element closed in turn, every word and link kept."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.seen if name == tag]


@pytest.fixture(scope="module")
def articles() -> dict[str, Article]:
    return {key: article(BASE, key) for key in DRUGS}


@pytest.fixture(scope="module")
def pages(articles: dict[str, Article]) -> dict[str, str]:
    return {key: page(of) for key, of in articles.items()}


@pytest.fixture(scope="module")
def typeset(articles: dict[str, Article]) -> dict[str, bytes]:
    return {key: pdf("article", articles[key].plain(), on=TODAY) for key in TYPESET}


def test_every_topic_of_the_base_has_its_section() -> None:
    assert sorted(topic for _, _, topics in SECTIONS for topic in topics) == sorted(TOPICS)


@pytest.mark.parametrize("key", DRUGS)
def test_every_claim_stands_in_the_article_with_its_source_its_place_and_how_sure(
    key: str, articles: dict[str, Article]
) -> None:
    of = articles[key]
    said = [said for section in of.sections for block in section.blocks for row in block.rows for said in row]
    for claim in BASE.drugs[key].claims:
        found = [each for each in said if each.text == claim.says and each.mark and each.mark.at == claim.at]
        assert found, claim.id
        for each in found:
            assert each.mark is not None
            assert of.references[each.mark.number - 1].key == claim.source == each.mark.source
            unread = claim.confidence.startswith("general-knowledge") or claim.confidence == "low"
            assert ("unverified" in each.mark.trust) == unread == (not each.mark.verified)


@pytest.mark.parametrize("key", DRUGS)
def test_every_block_that_carries_a_figure_names_its_file_and_that_files_state(
    key: str, articles: dict[str, Article]
) -> None:
    for section in articles[key].sections:
        for block in section.blocks:
            marked = [row for row in block.rows if any(said.mark for said in row)]
            for row in marked:
                small = " ".join(part for said in row for part in said.small)
                assert BASE.states[block.file].says == block.state if block.file else "pending review" in small


@pytest.mark.parametrize("key", DRUGS)
def test_the_page_is_whole_alone_and_linked_both_ways(key: str, pages: dict[str, str]) -> None:
    text = pages[key]
    reader = Reader(text)
    assert len(reader.all("h1")) == len(reader.all("main")) == 1
    assert reader.all("html") == [{"lang": "en"}]
    assert not [tag for tag, _ in reader.seen if tag in ("script", "link", "img", "iframe")]
    assert "url(" not in text
    assert "@import" not in text
    anchors = [attrs["id"] for _, attrs in reader.seen if attrs.get("id")]
    assert len(set(anchors)) == len(anchors)
    for attrs in reader.all("a"):
        href = attrs["href"] or ""
        assert href.removeprefix("#") in anchors if href.startswith("#") else href.startswith("https://doi.org/10.")
    for name in ("src", "xlink:href", "srcset"):
        assert not [attrs for _, attrs in reader.seen if name in attrs]
    assert all(attrs.get("scope") in ("col", "row") for attrs in reader.all("th"))
    assert all(attrs.get("aria-label") for attrs in reader.all("svg"))
    levels = [int(tag[1]) for tag, _ in reader.seen if re.fullmatch("h[1-6]", tag)]
    assert max(levels) == 3


@pytest.mark.parametrize("key", DRUGS)
def test_the_drawing_has_the_atoms_that_the_base_counts(key: str, articles: dict[str, Article]) -> None:
    values = {each.system: each.value for each in BASE.drugs[key].identifiers}
    drawn = articles[key].structure
    if drawn is None:
        assert "SMILES" not in values
        assert "No structure is recorded here yet" in articles[key].structure_says
        return
    assert drawn.formula == values["molecular formula"]
    assert drawn == structure(values["SMILES"])
    assert drawn.svg.startswith("<svg ")
    assert drawn.svg.count("<path") > 10


def test_a_drawing_that_is_not_the_formula_of_the_base_says_so(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    _edit(folder / "drugs/clonazepam.toml", 'value = "C15H10ClN3O3"', 'value = "C15H11ClN3O3"')
    assert "one of the two is wrong" in article(load(TODAY, folder), "clonazepam").structure_says


@pytest.mark.parametrize("key", DRUGS)
def test_every_figure_that_nobody_read_is_visibly_unverified(
    key: str, articles: dict[str, Article], pages: dict[str, str]
) -> None:
    of = articles[key]
    said = [said for section in of.sections for block in section.blocks for row in block.rows for said in row]
    said += [each for section in of.sections for block in section.blocks for each in block.intro]
    said += [value for _, value in of.identifiers] + ([of.alert] if of.alert else [])
    unread = sum(each.mark is not None and not each.mark.verified for each in said)
    recalled = sum(not reference.verified for reference in of.references)
    chips = [attrs for attrs in Reader(pages[key]).all("span") if attrs.get("class") == "unverified"]
    assert len(chips) == unread + recalled


def test_nothing_is_left_silent(articles: dict[str, Article]) -> None:
    loprazolam = {section.title: section for section in articles["loprazolam"].sections}
    nothing = loprazolam["What it is used for"].blocks[0].intro[0].text
    assert nothing.startswith("Nothing is recorded here yet. To contribute, add a claim about")
    assert "drugs/loprazolam.toml" in nothing
    metabolite = [section.title for section in articles["7-aminoclonazepam"].sections]
    assert "Forms and prices" not in metabolite
    assert "How to come off it" not in metabolite


def test_claims_that_dispute_each_other_stand_side_by_side(articles: dict[str, Article]) -> None:
    contested = next(section for section in articles["clonazepam"].sections if section.anchor == "contested")
    (half_life,) = (block for block in contested.blocks if block.title.startswith("Half-life:"))
    assert len(half_life.rows) == 10
    assert all(row[2].text.startswith("Disagrees with ") for row in half_life.rows)


def test_equivalence_is_a_range_over_the_tables_and_a_daily_dose_is_none(pages: dict[str, str]) -> None:
    text = " ".join(Reader(pages["clonazepam"]).text)
    assert "The range is 0.25 to 1 mg for 10 mg of diazepam, over the 8 tables below" in text
    assert "No single number stands for them." in text
    assert text.index("WHO DDD") > text.index("Not an equivalence")


def test_a_recalled_price_says_unverified_and_undated(articles: dict[str, Article]) -> None:
    forms = next(section for section in articles["clonazepam"].sections if section.anchor == "forms-and-prices")
    (states,) = (block for block in forms.blocks if block.title == "United States")
    prices = [row[2] for row in states.rows if row[2].mark]
    assert prices
    for price in prices:
        assert price.mark is not None
        assert "undated" in price.small[0]
        assert price.mark.trust == "unverified: recalled"


def _copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _sign(folder: Path, known: Knowledge, names: list[str]) -> None:
    signed = "\n".join(
        f'[[signoff]]\nof = "{name}"\ndigest = "{known.files[name]}"\nby = "Dr A. Example"\nrole = "prescriber"\n'
        "on = 2026-11-01\ndue = 2027-11-01\n"
        for name in names
    )
    (folder / "signoffs.toml").write_text(signed, encoding="utf-8")


def test_the_banner_is_computed_from_signatures_and_an_edit_takes_it_back(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    of = article(BASE, "clonazepam")
    assert not of.reviewed
    assert of.banner == "Pending review: contribute"
    _sign(folder, BASE, ["drugs/clonazepam.toml"])
    one = article(load(TODAY, folder), "clonazepam")
    assert one.banner == "Pending review: contribute"
    assert one.banner_says.endswith("1 is signed. drugs/clonazepam.toml: reviewed.")
    _sign(folder, BASE, [file.name for file in of.files])
    whole = load(TODAY, folder)
    signed = article(whole, "clonazepam")
    assert signed.reviewed
    assert signed.banner == "Reviewed"
    assert "pending review" not in " ".join(Reader(page(signed)).text).lower()
    _edit(folder / "drugs/clonazepam.toml", 'low = "18"', 'low = "17"')
    changed = article(load(TODAY, folder), "clonazepam")
    assert changed.banner == "Pending review: contribute"
    assert "changed since it was signed" in changed.banner_says


@pytest.mark.parametrize("key", TYPESET)
def test_the_typeset_pages_can_be_heard_and_read(key: str, typeset: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "article.pdf"
    path.write_bytes(typeset[key])
    assert list(validate(str(path)).findings) == []
    with pikepdf.open(path) as held:
        assert str(held.Root.Lang) == "en"
        assert str(held.docinfo["/Title"]).startswith(BASE.drugs[key].name[:1].upper() + BASE.drugs[key].name[1:])
        for name, file in _fonts(held).items():
            assert "AtkinsonHyperlegible" in name, name
            assert file
    document = pypdfium2.PdfDocument(path)
    said = ""
    for at in range(len(document)):
        leaf = document[at]
        low, high = leaf.render(scale=1).to_pil().convert("L").getextrema()
        assert (low, high) != (255, 255)
        said += leaf.get_textpage().get_text_bounded() + " "
    said = " ".join(said.split())
    for section in article(BASE, key).sections:
        assert section.title in said
    assert "Pending review" in said
    assert "Sources" in said
    document.close()


def _fonts(held: pikepdf.Pdf) -> dict[str, bool]:
    return {
        str(each["/FontName"]): any(name in each for name in ("/FontFile", "/FontFile2", "/FontFile3"))
        for each in held.objects
        if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor"
    }


def test_the_same_base_and_day_give_the_same_bytes() -> None:
    assert article_files(BASE, "temazepam") == article_files(load(TODAY), "temazepam")


def test_what_the_data_says_is_never_read_as_markup(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    wicked = "#panic() *bold* $x$ <b>& <script>alert(1)</script> @home"
    _edit(folder / "drugs/loprazolam.toml", "Like its class it strengthens", f"{wicked} it strengthens")
    known = load(TODAY, folder)
    files = article_files(known, "loprazolam")
    assert wicked in "".join(Reader(str(files["loprazolam.html"])).text)
    assert isinstance(files["loprazolam.pdf"], bytes)
    document = pypdfium2.PdfDocument(BytesIO(files["loprazolam.pdf"]))
    said = " ".join(" ".join(document[at].get_textpage().get_text_bounded() for at in range(len(document))).split())
    assert "<script>alert(1)</script>" in said
    document.close()


def test_the_command_writes_the_three_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["facts", "nitrazepam", "--out", str(out), *AS_OF]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"Written to {out}: nitrazepam.html, nitrazepam.pdf, nitrazepam.svg\n"
    assert sorted(path.name for path in out.iterdir()) == ["nitrazepam.html", "nitrazepam.pdf", "nitrazepam.svg"]
    assert main(["facts", "nitrazepam", "--out", str(out), *AS_OF]) == 0


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("clonazepan", "articles are written for drugs; there is no drug 'clonazepan' (did you mean \"clonazepam\"?)"),
        ("two-week-reduction", "articles are written for drugs"),
    ],
)
def test_an_article_is_refused_for_anything_but_a_drug(
    key: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["facts", key, "--out", str(tmp_path / "out"), *AS_OF]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert says in told.err
    assert len(told.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_with_other_files_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.html").write_text("")
    assert main(["facts", "clonazepam", "--out", str(tmp_path), *AS_OF]) == 2
    assert "old.html is there already" in capsys.readouterr().err


def test_a_trait_that_a_switch_reads_stands_in_the_article(known: Knowledge) -> None:
    page = article_files(known, "diazepam")["diazepam.html"]
    assert isinstance(page, str)
    assert "For a switch" in page
    assert "stays for days" in page
