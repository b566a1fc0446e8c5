"""XML trees: elements of a namespace, and files."""

from typing import Any

from quiz.extras import import_extra


def element(namespace: str, name: str, **attributes: str) -> Any:
    """Make a root element; the namespace may be empty."""
    etree = import_extra("lxml.etree")
    if not namespace:
        return etree.Element(name, **attributes)
    return etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace}, **attributes)


def sub(parent: Any, name: str, /, **attributes: str) -> Any:
    """Append an element in the namespace of its parent; ``continue_`` is the attribute ``continue``."""
    prefix = parent.tag[: parent.tag.rfind("}") + 1]
    made = parent.makeelement(prefix + name, {key.rstrip("_"): value for key, value in attributes.items()})
    parent.append(made)
    return made


def to_bytes(tree: Any) -> bytes:
    """Write a tree as a file."""
    etree = import_extra("lxml.etree")
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", pretty_print=True)
