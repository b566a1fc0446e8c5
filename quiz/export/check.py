"""Checks exported files as the importers would: one sentence per problem."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from quiz.export import check_anki, check_moodle
from quiz.extras import import_extra
from quiz.text import mark as _
from quiz.text.errors import InFile, Refusal

#: Paths of the 1EdTech schemas within the folder that the user gives.
SCHEMAS = {
    "http://www.imsglobal.org/xsd/imsqti_v2p1": "2.1/qtiv2p1p1/imsqti_v2p1p1.xsd",
    "http://www.imsglobal.org/xsd/imscp_v1p1": "2.1/imscp_v1p1.xsd",
    "http://www.imsglobal.org/xsd/imsqtiasi_v3p0": "3.0/qtiv3p0/imsqti_asiv3p0_sbacv1p0_v1p0.xsd",
}


def check(path: Path, schemas: Path | None = None) -> Iterator[Refusal]:
    """Yield what is wrong with an exported file.

    Args:
        path: a file that `quiz export` wrote.
        schemas: the folder with the QTI schemas; without it, only the structure of packages is checked.
    """
    data = path.read_bytes()
    checks = {
        ".xml": lambda d: check_moodle.problems(parse(d)), ".zip": lambda d: _package(d, schemas),
        ".ipynb": _notebook, ".csv": _csv, ".apkg": check_anki.problems, ".pdf": _pdf,
        ".html": _text, ".md": _text,
    }  # fmt: skip
    if path.suffix not in checks:
        yield Refusal(_("files %(suffix)s cannot be checked"), suffix=path.suffix)
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


def _package(data: bytes, schemas: Path | None) -> Iterator[Refusal]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        if "imsmanifest.xml" not in names:
            yield Refusal(_("imsmanifest.xml is missing"))
            return
        trees = {name: parse(archive.read(name)) for name in sorted(names) if name.endswith(".xml")}
    manifest = trees["imsmanifest.xml"]
    hrefs = [e.get("href") for e in manifest.iter() if isinstance(e.tag, str) and _local(e) == "file"]
    for missing in set(hrefs) - names:
        yield Refusal(_("%(name)s is in the manifest but not in the package"), name=missing)
    for extra in names - set(hrefs) - {"imsmanifest.xml"}:
        yield Refusal(_("%(name)s is in the package but not in the manifest"), name=extra)
    identifiers = [e.get("identifier") for e in manifest.iter() if _local(e) == "resource"]
    if len(set(identifiers)) != len(identifiers):
        yield Refusal(_("an identifier appears twice in the manifest"))
    for e in manifest.iter():
        if _local(e) == "dependency" and e.get("identifierref") not in identifiers:
            yield Refusal(_("a dependency on %(name)s, which is missing"), name=e.get("identifierref"))
    for name, tree in trees.items():
        for wrong in (*_schema(tree, schemas), *_item(tree), *_canvas(tree)):
            yield InFile(name, wrong)


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _schema(tree: Any, schemas: Path | None) -> Iterator[Refusal]:
    place = SCHEMAS.get(tree.nsmap.get(None))
    if schemas is not None and place is not None:
        schema = _compiled(schemas / place)
        if not schema.validate(tree):
            for error in schema.error_log:
                message = _("line %(line)s violates the schema: %(path)s, %(error)s")
                yield Refusal(message, line=error.line, path=error.path, error=error.type_name)


@cache
def _compiled(path: Path) -> Any:
    etree = import_extra("lxml.etree")
    return etree.XMLSchema(etree.parse(str(path), etree.XMLParser(no_network=True)))


def _item(tree: Any) -> Iterator[Refusal]:
    """Yield what no schema checks: each response is declared, asked for and marked."""
    if _local(tree) not in ("assessmentItem", "qti-assessment-item"):
        return
    kebab = _local(tree).startswith("qti-")
    declared = [e for e in tree if _local(e).endswith(("responseDeclaration", "response-declaration"))]
    attribute = "response-identifier" if kebab else "responseIdentifier"
    asked = [e.get(attribute) for e in tree.iter() if e.get(attribute)]
    names = [e.get("identifier") for e in declared]
    if sorted(names) != sorted(asked):
        yield Refusal(
            _("declared are %(declared)s, asked for are %(asked)s"), declared=str(names), asked=str(asked)
        )
    marked = {e.get("identifier") for e in tree.iter() if _local(e) in ("correct", "qti-correct")}
    for name in set(names) - marked:
        yield Refusal(_("%(name)s is never marked"), name=name)
    for declaration in declared:
        if not any(_local(e).endswith("value") and e.text for e in declaration.iter()):
            yield Refusal(_("%(name)s has no correct answer"), name=declaration.get("identifier"))


def _canvas(tree: Any) -> Iterator[Refusal]:
    if _local(tree) != "questestinterop":
        return
    n = {"q": tree.nsmap[None]}
    seen = set()
    for item in tree.iterfind(".//q:item", n):
        name = item.get("ident")
        if name in seen:
            yield InFile(name, Refusal(_("the identifier appears twice")))
        seen.add(name)
        about = {
            field.findtext("q:fieldlabel", None, n): field.findtext("q:fieldentry", None, n)
            for field in item.iterfind(".//q:qtimetadatafield", n)
        }
        kind = about.get("question_type")
        if kind not in ("numerical_question", "multiple_choice_question", "multiple_answers_question"):
            yield InFile(name, Refusal(_("the type %(kind)s is unknown"), kind=str(kind)))
        if not re.fullmatch("[0-9]+", about.get("points_possible") or ""):
            yield InFile(name, Refusal(_("the points are not an integer")))
        scores = [
            c for c in item.iterfind(".//q:respcondition", n) if c.findtext("q:setvar", None, n) == "100"
        ]
        if len(scores) != 1:
            yield InFile(
                name, Refusal(_("expected one condition worth 100, got %(count)d"), count=len(scores))
            )
        feedback = {e.get("ident") for e in item.iterfind("q:itemfeedback", n)}
        for shown in item.iterfind(".//q:displayfeedback", n):
            if shown.get("linkrefid") not in feedback:
                yield InFile(
                    name, Refusal(_("the feedback %(name)s is missing"), name=shown.get("linkrefid"))
                )
        for tag in ("varequal", "vargte", "varlte") if kind == "numerical_question" else ():
            for bound in item.iterfind(f".//q:{tag}", n):
                value = float(bound.text)
                if value and abs(value) < 1e-4:
                    yield InFile(
                        name,
                        Refusal(_("Canvas supports no number as small as %(number)s"), number=bound.text),
                    )


# -- the others


def _notebook(data: bytes) -> Iterator[Refusal]:
    nbformat = import_extra("nbformat")
    try:
        notebook = nbformat.reads(data.decode(), as_version=4)
        nbformat.validate(notebook)
    except nbformat.ValidationError:
        yield Refusal(_("the notebook is not valid"))
        return
    for cell in notebook.cells:
        if cell.cell_type == "code":
            try:
                compile(cell.source, "cell", "exec")
            except SyntaxError as error:
                yield Refusal(_("line %(line)s of a cell is not Python"), line=error.lineno)
            if cell.outputs:
                yield Refusal(_("a cell has been run already"))


def _csv(data: bytes) -> Iterator[Refusal]:
    text = data.decode("utf-8-sig")
    comma = text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if comma else ","))
    if len(rows) < 2:
        yield Refusal(_("there is no line below the header"))
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            message = _("line %(line)d has %(count)d cells, the header has %(expected)d")
            yield Refusal(message, line=number, count=len(row), expected=len(rows[0]))


def _pdf(data: bytes) -> Iterator[Refusal]:
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-64:]:
        yield Refusal(_("it does not begin and end like a PDF"))


def _text(data: bytes) -> Iterator[Refusal]:
    if re.search(r"%\(\w+\)s", data.decode()):
        yield Refusal(_("a placeholder was not filled in"))
