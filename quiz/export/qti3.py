"""QTI 3.0: the same items as in 2.1 under their new names. It holds the keys."""

import re
from collections.abc import Iterator
from typing import Any

from quiz.export import qti21
from quiz.export.items import Item
from quiz.extras import needs

ITEM = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
PACKAGE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"

#: Elements that are HTML and keep their names.
_HTML = {"p", "img", "em", "div", "span", "ol", "ul", "li", "br"}


def files(items: list[Item], lang: str, title: str) -> Iterator[tuple[str, bytes]]:
    """The files of the package: manifest, test, items, pictures."""
    pictures = set()
    for item in items:
        tree, figure = qti21.build(item, lang)
        yield f"items/{item.ident}.xml", qti21.write(renamed(tree))
        if figure:
            pictures.add(item.ident)
            yield f"media/{item.ident}.svg", figure.encode()
    yield "test.xml", qti21.write(renamed(qti21.test(items, title)))
    yield "imsmanifest.xml", qti21.write(_manifest(items, pictures, lang))


def renamed(tree: Any) -> Any:
    """A tree of 2.1 in the names of 3.0."""
    etree = needs("lxml.etree")
    local = etree.QName(tree).localname
    name = local if local in _HTML else "qti-" + kebab(local)
    made = etree.Element(f"{{{ITEM}}}{name}", nsmap={None: ITEM})
    for attribute, value in tree.attrib.items():
        made.set(attribute if attribute.startswith("{") or local in _HTML else kebab(attribute), value)
    made.text, made.tail = tree.text, tree.tail
    children = [renamed(child) for child in tree]
    if local == "modalFeedback":
        inner = etree.SubElement(made, f"{{{ITEM}}}qti-content-body")
        inner.extend(children)
    else:
        made.extend(children)
    return made


def kebab(name: str) -> str:
    """A name in small letters.

    Example:
        >>> kebab("responseElseIf")
        'response-else-if'
    """
    return re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower()


def _manifest(items: list[Item], pictures: set[str], lang: str) -> Any:
    etree = needs("lxml.etree")
    text = qti21.write(qti21.manifest(items, pictures, lang)).decode()
    for old, new in (
        (qti21.PACKAGE, PACKAGE),
        ("QTIv2.1 Package", "QTI Package"),
        (">1.0.0<", ">3.0.0<"),
        ("imsqti_item_xmlv2p1", "imsqti_item_xmlv3p0"),
        ("imsqti_test_xmlv2p1", "imsqti_test_xmlv3p0"),
    ):
        text = text.replace(old, new)
    return etree.fromstring(text.encode())
