"""Checks exported files as the importers would: one sentence per problem."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from quiz.export import check_moodle
from quiz.extras import import_extra

#: Paths of the 1EdTech schemas within the folder that the user gives.
SCHEMAS = {
    "http://www.imsglobal.org/xsd/imsqti_v2p1": "2.1/qtiv2p1p1/imsqti_v2p1p1.xsd",
    "http://www.imsglobal.org/xsd/imscp_v1p1": "2.1/imscp_v1p1.xsd",
    "http://www.imsglobal.org/xsd/imsqtiasi_v3p0": "3.0/qtiv3p0/imsqti_asiv3p0_sbacv1p0_v1p0.xsd",
}


def check(path: Path, schemas: Path | None = None) -> Iterator[str]:
    """Yield what is wrong with an exported file.

    Args:
        path: a file that `quiz export` wrote.
        schemas: the folder with the QTI schemas; without it, only the structure of packages is checked.
    """
    data = path.read_bytes()
    checks = {
        ".xml": lambda d: check_moodle.problems(parse(d)), ".zip": lambda d: _package(d, schemas),
        ".ipynb": _notebook, ".csv": _csv, ".apkg": _anki, ".pdf": _pdf, ".html": _text, ".md": _text,
    }  # fmt: skip
    if path.suffix not in checks:
        yield f"{path.suffix} is no format that is known here"
        return
    yield from checks[path.suffix](data)


def parse(data: bytes) -> Any:
    """Read XML without entities, DTD or network."""
    etree = import_extra("lxml.etree")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(data, parser)
    if root.getroottree().docinfo.doctype:
        raise ValueError("a DTD has no place here")
    return root


# -- packages


def _package(data: bytes, schemas: Path | None) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        if "imsmanifest.xml" not in names:
            yield "there is no imsmanifest.xml at the top"
            return
        trees = {name: parse(archive.read(name)) for name in sorted(names) if name.endswith(".xml")}
    manifest = trees["imsmanifest.xml"]
    hrefs = [e.get("href") for e in manifest.iter() if isinstance(e.tag, str) and _local(e) == "file"]
    for missing in set(hrefs) - names:
        yield f"{missing} is in the manifest and not in the package"
    for extra in names - set(hrefs) - {"imsmanifest.xml"}:
        yield f"{extra} is in the package and not in the manifest"
    identifiers = [e.get("identifier") for e in manifest.iter() if _local(e) == "resource"]
    if len(set(identifiers)) != len(identifiers):
        yield "an identifier stands twice in the manifest"
    for e in manifest.iter():
        if _local(e) == "dependency" and e.get("identifierref") not in identifiers:
            yield f"a dependency on {e.get('identifierref')}, which is not there"
    for name, tree in trees.items():
        for wrong in (*_schema(tree, schemas), *_item(tree), *_canvas(tree)):
            yield f"{name}: {wrong}"


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _schema(tree: Any, schemas: Path | None) -> Iterator[str]:
    place = SCHEMAS.get(tree.nsmap.get(None))
    if schemas is not None and place is not None:
        schema = _compiled(schemas / place)
        if not schema.validate(tree):
            for error in schema.error_log:
                yield f"line {error.line}: {error.message}"


@cache
def _compiled(path: Path) -> Any:
    etree = import_extra("lxml.etree")
    return etree.XMLSchema(etree.parse(str(path), etree.XMLParser(no_network=True)))


def _item(tree: Any) -> Iterator[str]:
    """Yield what no schema checks: each response is declared, asked for and marked."""
    if _local(tree) not in ("assessmentItem", "qti-assessment-item"):
        return
    kebab = _local(tree).startswith("qti-")
    declared = [e for e in tree if _local(e).endswith(("responseDeclaration", "response-declaration"))]
    attribute = "response-identifier" if kebab else "responseIdentifier"
    asked = [e.get(attribute) for e in tree.iter() if e.get(attribute)]
    names = [e.get("identifier") for e in declared]
    if sorted(names) != sorted(asked):
        yield f"declared are {names}, asked for {asked}"
    marked = {e.get("identifier") for e in tree.iter() if _local(e) in ("correct", "qti-correct")}
    for name in set(names) - marked:
        yield f"{name} is never marked"
    for declaration in declared:
        if not any(_local(e).endswith("value") and e.text for e in declaration.iter()):
            yield f"{declaration.get('identifier')} has no right answer"


def _canvas(tree: Any) -> Iterator[str]:
    if _local(tree) != "questestinterop":
        return
    n = {"q": tree.nsmap[None]}
    seen = set()
    for item in tree.iterfind(".//q:item", n):
        name = item.get("ident")
        if name in seen:
            yield f"{name} stands twice"
        seen.add(name)
        about = {
            field.findtext("q:fieldlabel", None, n): field.findtext("q:fieldentry", None, n)
            for field in item.iterfind(".//q:qtimetadatafield", n)
        }
        kind = about.get("question_type")
        if kind not in ("numerical_question", "multiple_choice_question", "multiple_answers_question"):
            yield f"{name}: the type {kind} is not known here"
        if not re.fullmatch("[0-9]+", about.get("points_possible") or ""):
            yield f"{name}: the points are not a whole number"
        scores = [
            c for c in item.iterfind(".//q:respcondition", n) if c.findtext("q:setvar", None, n) == "100"
        ]
        if len(scores) != 1:
            yield f"{name}: expected one condition worth 100, found {len(scores)}"
        told = {e.get("ident") for e in item.iterfind("q:itemfeedback", n)}
        for shown in item.iterfind(".//q:displayfeedback", n):
            if shown.get("linkrefid") not in told:
                yield f"{name}: the feedback {shown.get('linkrefid')} is not there"
        for tag in ("varequal", "vargte", "varlte") if kind == "numerical_question" else ():
            for bound in item.iterfind(f".//q:{tag}", n):
                value = float(bound.text)
                if value and abs(value) < 1e-4:
                    yield f"{name}: Canvas knows no number as small as {bound.text}"


# -- the others


def _notebook(data: bytes) -> Iterator[str]:
    nbformat = import_extra("nbformat")
    try:
        notebook = nbformat.reads(data.decode(), as_version=4)
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        yield str(error).splitlines()[0]
        return
    for cell in notebook.cells:
        if cell.cell_type == "code":
            try:
                compile(cell.source, "cell", "exec")
            except SyntaxError as error:
                yield f"a cell is not Python: {error.msg}"
            if cell.outputs:
                yield "a cell has been run already"


def _csv(data: bytes) -> Iterator[str]:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    if len(rows) < 2:
        yield "there is no line under the first"
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            yield f"line {number} has {len(row)} cells, the first has {len(rows[0])}"


def _anki(data: bytes) -> Iterator[str]:
    import sqlite3

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if not {"collection.anki2", "media"} <= set(archive.namelist()):
            yield "collection.anki2 or media is missing"
            return
        content = archive.read("collection.anki2")
        if not isinstance(json.loads(archive.read("media")), dict):
            yield "media is not an object"
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(content)
        notes, cards = (
            base.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("notes", "cards")
        )
    if not notes or notes != cards:
        yield f"{notes} notes and {cards} cards"


def _pdf(data: bytes) -> Iterator[str]:
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-64:]:
        yield "it does not begin and end as PDF does"


def _text(data: bytes) -> Iterator[str]:
    if re.search(r"%\(\w+\)s", data.decode()):
        yield "a placeholder was not filled in"
