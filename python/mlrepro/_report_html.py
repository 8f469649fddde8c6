# SPDX-License-Identifier: Apache-2.0
"""Pages and notebook fragments from reports: one file, no script, no network, equal reports give equal bytes."""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Any

from mlrepro._core import __version__
from mlrepro._report_page import Page
from mlrepro._report_svg import DARK, LIGHT, TREE_STYLE

if TYPE_CHECKING:
    import jinja2

__all__ = ["render_fragment", "render_page"]

_PAGE_LIGHT = f"{LIGHT};--mark:#b45309"
_PAGE_DARK = f"{DARK};--mark:#f0a93b"


@functools.cache
def _environment() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("mlrepro", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _style() -> str:
    environment = _environment()
    assert environment.loader is not None
    return environment.loader.get_source(environment, "style.css")[0] + TREE_STYLE


def _render(template: str, page: Page, **values: Any) -> str:
    import markupsafe

    texts = {key: markupsafe.Markup(value) for key, value in values.items()}
    return _environment().get_template(template).render(page=page, version=__version__, **texts)


def render_page(page: Page) -> str:
    """Return a whole HTML document that needs nothing else.

    Parameters
    ----------
    page : Page
        The report.

    Returns
    -------
    str
        Light or dark by the reader's setting, printable, without a script.
    """
    return _render(
        "page.html.j2",
        page,
        style=_style(),
        light=_PAGE_LIGHT,
        dark=_PAGE_DARK,
        heading="h1",
        subheading="h2",
    )


def render_fragment(page: Page) -> str:
    """Return the report as one `<div>` for a notebook: its styles touch nothing else, and its id is its content's.

    The tints are mixed from the colour of the text around it, so it fits a light and a dark host. Without any style
    every number still reads as a table.
    """
    bare = _render("fragment.html.j2", page, id="mlr", style="", heading="h3", subheading="h4")
    name = "mlr-" + hashlib.sha256(bare.encode()).hexdigest()[:12]
    style = _style().replace(".mlr ", f"#{name} ").replace(".mlr{", f"#{name}{{")
    style = style.replace("font-size:1.6em", "font-size:1.25em")
    style = style.replace("svg.mlr-tree", f"#{name} svg.mlr-tree").replace(
        f"#{name} #{name}", f"#{name}"
    )
    return _render("fragment.html.j2", page, id=name, style=style, heading="h3", subheading="h4")
