"""Which part of a web page is the page, and not its menus, banners and other surroundings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.documents.blocks import Block
from core.documents.readers.html_tree import Node

_TAGS = frozenset({"nav", "aside", "menu", "dialog"})
# These surround a page, but also introduce and end an article in it.
_OUTER_TAGS = frozenset({"header", "footer"})
_ROLES = frozenset([
    "navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alertdialog", "menu",
    "menubar",
])  # fmt: skip
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|menus|breadcrumbs?|cookies?|consent|gdpr|sidebar|newsletter|popup|modal"
    r"|advert|advertisement|ads|promo|share|sharing|social|skip-link|skiplink|site-header|site-footer|topbar|toc"
    r"|related-posts|comments-form)(?:$|[\s_-])",
    re.IGNORECASE,
)
_KEPT = frozenset({"html", "body", "main", "article", "h1", "head"})
# What is left must be a page by itself.
MIN_CHARS = 200
MIN_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class MainContent:
    """The part of a page that is not menus and banners.

    Attributes:
        root: The element that holds the page.
        left_out: `id`s of elements below it that are not of it.
    """

    root: Node
    left_out: frozenset[int]

    def is_enough(self, found: Sequence[Block], everything: Sequence[Block]) -> bool:
        """Whether what was found may stand for all of the page."""
        num_found, num_all = (sum(len(block.text) for block in blocks) for blocks in (found, everything))
        return num_found >= MIN_CHARS and num_found >= MIN_SHARE * num_all


def main_content(root: Node) -> MainContent:
    """Where a page has one main part, that; without what is called a menu, a banner and the like."""
    nodes = list(root.iter())
    mains = [node for node in nodes if node.tag == "main" or node.attributes.get("role") == "main"]
    articles = [node for node in nodes if node.tag == "article"]
    holder = mains[0] if len(mains) == 1 else articles[0] if not mains and len(articles) == 1 else root
    inner = {id(node) for article in articles for node in article.iter()} if len(articles) < 200 else set()
    left_out = frozenset(
        id(node) for node in holder.iter() if node is not holder and _surrounds(node, id(node) in inner)
    )
    return MainContent(holder, left_out)


def _surrounds(node: Node, is_in_article: bool) -> bool:
    if node.tag in _KEPT:
        return False
    if node.tag in _TAGS or node.attributes.get("role", "") in _ROLES:
        return True
    if node.tag in _OUTER_TAGS:
        return not is_in_article
    named = f"{node.attributes.get('class', '')} {node.attributes.get('id', '')}"
    return bool(named.strip()) and _NAMES.search(named) is not None
