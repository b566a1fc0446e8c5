"""QTI 3.0: the same items as in 2.1 under their new names. It contains the keys."""

import re
from collections.abc import Iterator
from typing import Any

from quiz.export import qti21
from quiz.export.items import Item
from quiz.export.xml import to_bytes
from quiz.extras import import_extra

ITEM = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
PACKAGE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"

#: Elements that are HTML and keep their names.
_HTML = {"p", "img", "em", "div", "span", "ol", "ul", "li", "br"}


def files(items: list[Item], lang: str, title: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the package: manifest, test, items, pictures."""
    pictures = set()
    for item in items:
        tree, figure = qti21.build(item, lang)
        yield f"items/{item.ident}.xml", to_bytes(renamed(tree))
        if figure:
            pictures.add(item.ident)
            yield f"media/{item.ident}.svg", figure.encode()
    yield "test.xml", to_bytes(renamed(qti21.test(items, title)))
    yield "imsmanifest.xml", to_bytes(_manifest(items, pictures, lang))


def renamed(tree: Any) -> Any:
    """Rename the elements and attributes of a tree from 2.1 to 3.0."""
    etree = import_extra("lxml.etree")
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
    """Convert a name to kebab case.

    Example:
        >>> kebab("responseElseIf")
        'response-else-if'
    """
    return re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower()


def _manifest(items: list[Item], pictures: set[str], lang: str) -> Any:
    etree = import_extra("lxml.etree")
    text = to_bytes(qti21.manifest(items, pictures, lang)).decode()
    for old, new in (
        (qti21.PACKAGE, PACKAGE),
        ("QTIv2.1 Package", "QTI Package"),
        (">1.0.0<", ">3.0.0<"),
        ("imsqti_item_xmlv2p1", "imsqti_item_xmlv3p0"),
        ("imsqti_test_xmlv2p1", "imsqti_test_xmlv3p0"),
    ):
        text = text.replace(old, new)
    return etree.fromstring(text.encode())
