"""An article as one page of HTML: its own small style inside, nothing loaded, nothing run."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from opentaper.exchange.article import Article, article
from opentaper.exchange.article.passage import Block, Mark, Reference, Said, Section
from opentaper.exchange.typeset import TEMPLATES, pdf
from opentaper.knowledge import Knowledge


def article_files(known: Knowledge, key: str) -> dict[str, str | bytes]:
    """Return the files of the article about a drug: the page, the typeset pages and, where it is known, the structure.

    Raises:
        KeyError: no drug has this key.
        ValueError: the SMILES of the base is not a molecule.
    """
    of = article(known, key)
    files: dict[str, str | bytes] = {f"{key}.html": page(of), f"{key}.pdf": pdf("article", of.plain(), on=known.as_of)}
    drawing = svg(of)
    return {**files, f"{key}.svg": f"{drawing}\n"} if drawing else files


def page(of: Article) -> str:
    """Write an article as a page that stands alone and can be read at any width, by eye or by ear."""
    style = (TEMPLATES / "article.css").read_text(encoding="utf-8")
    contents = [*((each.anchor, each.title) for each in of.sections), ("sources", "Sources"), ("files", "Review state")]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            _of("title", f"{of.title}: what is known, and who says so"),
            f"<style>\n{style}</style>",
            "</head>",
            "<body>",
            '<a class="skip" href="#article">To the article</a>',
            '<nav aria-labelledby="contents">',
            '<h2 id="contents">On this page</h2>',
            "<ol>",
            *(f'<li><a href="#{anchor}">{escape(title)}</a></li>' for anchor, title in contents),
            "</ol>",
            "</nav>",
            '<main id="article">',
            _head(of),
            *(_section(each) for each in of.sections),
            _sources(of.references),
            _files(of),
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def svg(of: Article) -> str | None:
    """Return the drawing of the structure with its description, as a file or inside a page; None where there is none."""
    if of.structure is None:
        return None
    says = escape(of.structure_says)
    return of.structure.svg.replace("<svg ", f'<svg role="img" aria-label="{says}" ', 1)


def _of(tag: str, text: str, shape: str = "") -> str:
    kind = f' class="{shape}"' if shape else ""
    return f"<{tag}{kind}>{escape(text)}</{tag}>"


def _head(of: Article) -> str:
    drawing = svg(of)
    caption = _of("figcaption", of.structure_says)
    figure = f"<figure>{drawing}{caption}</figure>" if drawing else _of("p", of.structure_says, "nothing")
    rows = "".join(
        f'<tr><th scope="row">{escape(name.text)}</th><td>{_said(value)}</td></tr>' for name, value in of.identifiers
    )
    table = (
        f'<table class="identifiers"><caption>Identifiers{_file(of.identifiers_file, of.identifiers_state)}</caption><tbody>{rows}</tbody></table>'
        if rows
        else ""
    )
    alert = f'<p class="alert"><strong>Never suddenly.</strong> {_said(of.alert)}</p>' if of.alert else ""
    return "\n".join(
        [
            "<header>",
            _of("h1", of.title),
            _of("p", of.kind, "kind"),
            _of("p", f"Also called {of.also}.", "also") if of.also else "",
            alert,
            f'<aside class="banner {"reviewed" if of.reviewed else "pending"}" aria-labelledby="banner">',
            f'<h2 id="banner">{escape(of.banner)}</h2>',
            _of("p", of.banner_says),
            *(_of("p", each) for each in of.how_to),
            f"<p>{_of('code', of.command)}</p>",
            "</aside>",
            f'<div class="card">{figure}{table}</div>',
            *(_of("p", each, "legend") for each in of.legend),
            "</header>",
        ]
    )


def _section(section: Section) -> str:
    heading = f'<h2 id="{section.anchor}-title">{escape(section.title)}</h2>'
    return f'<section id="{section.anchor}" aria-labelledby="{section.anchor}-title">\n{heading}\n' + "\n".join(
        [*(_block(each) for each in section.blocks), "</section>"]
    )


def _block(block: Block) -> str:
    anchor = f' id="{block.anchor}"' if block.anchor else ""
    parts = [f"<h3{anchor}>{escape(block.title)}</h3>" if block.title else ""]
    shape = "" if block.rows else ' class="nothing"'
    parts += [f"<p{shape}>{_said(each)}</p>" for each in block.intro]
    if block.head:
        parts.append(_table(block))
    elif block.rows:
        items = "".join(f"<li>{_said(row[0])}</li>" for row in block.rows)
        parts += [f'<ul class="said">{items}</ul>', _file(block.file, block.state, "p")]
    return "\n".join(part for part in parts if part)


def _table(block: Block) -> str:
    """This function will write a table whose cells carry their heading, so that a narrow screen can stack them.

    The roles say again what the elements mean, because some browsers forget it once the cells are stacked.
    """
    heads = "".join(f'<th scope="col" role="columnheader">{escape(each)}</th>' for each in block.head)
    rows = []
    for first, *rest in block.rows:
        cells = "".join(
            f'<td role="cell" data-label="{escape(head)}">{_said(cell)}</td>'
            for head, cell in zip(block.head[1:], rest, strict=True)
        )
        rows.append(f'<tr role="row"><th scope="row" role="rowheader">{_said(first)}</th>{cells}</tr>')
    return (
        f'<table role="table" class="rows columns-{len(block.head)}"><caption><span class="heard">{escape(block.title)}</span>{_file(block.file, block.state)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead><tbody role="rowgroup">{"".join(rows)}</tbody></table>'
    )


def _file(name: str, state: str, tag: str = "span") -> str:
    return f'<{tag} class="file">{escape(name)}: {escape(state)}</{tag}>' if name else ""


def _said(said: Said) -> str:
    parts = [escape(said.text)]
    if said.figure:
        parts.append(f'<span class="figure">({escape(said.figure)})</span>')
    if said.mark:
        parts.append(_mark(said.mark))
    parts += [_of("span", each, "small") for each in said.small]
    if said.but:
        parts.append(f'<span class="but"><strong>But:</strong> {escape(said.but)}</span>')
    if said.to:
        parts.append(f'<a class="to" href="#{said.to}">disputed: see the other side</a>')
    return " ".join(parts)


def _mark(mark: Mark) -> str:
    trust = _of("span", mark.trust, "trust" if mark.verified else "unverified")
    at = f'<span class="at">{escape(mark.at)} ·</span> ' if mark.at else ""
    link = f'<a id="use-{mark.number}-{mark.use}" class="ref" href="#source-{mark.number}" aria-label="source {mark.number}">[{mark.number}]</a>'
    return f'<span class="mark">{link} {at}{trust}</span>'


def _sources(references: Iterable[Reference]) -> str:
    return "\n".join(
        [
            '<section id="sources" aria-labelledby="sources-title">',
            '<h2 id="sources-title">Sources</h2>',
            '<ol class="sources">',
            *(_source(each) for each in references),
            "</ol>",
            "</section>",
        ]
    )


def _source(of: Reference) -> str:
    doi = f' <a href="https://doi.org/{escape(of.doi)}">doi:{escape(of.doi)}</a>' if of.doi else ""
    back = " ".join(
        f'<a href="#use-{of.number}-{use}" aria-label="place {use} that names source {of.number}">{use}</a>'
        for use in range(1, of.uses + 1)
    )
    note = _of("span", of.note, "small") if of.note else ""
    read = _of("span", of.read, "trust" if of.verified else "unverified")
    return (
        f'<li id="source-{of.number}">{escape(of.text)}{doi} {read} {note}<span class="small">{escape(of.kind)}; key {escape(of.key)}; '
        f'{escape(of.file)}: {escape(of.state)}</span> <span class="back">used at {back}</span></li>'
    )


def _files(of: Article) -> str:
    rows = "".join(
        f'<tr role="row"><th scope="row" role="rowheader">{escape(each.name)}</th><td role="cell" data-label="State">{escape(each.state)}</td>'
        f'<td role="cell" data-label="Its digest"><code>{escape(each.command)}</code></td></tr>'
        for each in of.files
    )
    heads = "".join(
        f'<th scope="col" role="columnheader">{each}</th>' for each in ("File", "State", "Its digest, for a signature")
    )
    return "\n".join(
        [
            '<section id="files" aria-labelledby="files-title">',
            '<h2 id="files-title">Review state</h2>',
            f'<table role="table" class="rows columns-3"><caption>The files that this page stands on</caption>'
            f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table>',
            f'<p class="small">As of {of.on}. Knowledge {of.digest}.</p>',
            "</section>",
        ]
    )
