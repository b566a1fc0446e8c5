"""QTI 2.1: a package of items with response processing and feedback for slips. It contains the keys."""

from collections.abc import Iterator
from typing import Any

from quiz.export.items import Field, Item, decimal, fields, points
from quiz.export.xml import element, to_bytes
from quiz.render import formula, sheet
from quiz.text import mark as _
from quiz.text import translate

ITEM = "http://www.imsglobal.org/xsd/imsqti_v2p1"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"


def files(items: list[Item], lang: str, title: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the package: manifest, test, items, pictures."""
    pictures = set()
    for item in items:
        tree, figure = build(item, lang)
        yield f"items/{item.ident}.xml", to_bytes(tree)
        if figure:
            pictures.add(item.ident)
            yield f"media/{item.ident}.svg", figure.encode()
    yield "test.xml", to_bytes(test(items, title))
    yield "imsmanifest.xml", to_bytes(manifest(items, pictures, lang))


class _Maker:
    """Makes elements of a namespace."""

    def __init__(self, namespace: str):
        self._namespace = namespace

    def __call__(self, name: str, /, *children: Any, **attributes: str) -> Any:
        made = element(self._namespace, name, **attributes)
        for child in children:
            self.add(made, child)
        return made

    @staticmethod
    def add(parent: Any, child: Any) -> None:
        """Append an element or a text."""
        if not isinstance(child, str):
            parent.append(child)
        elif len(parent):
            parent[-1].tail = (parent[-1].tail or "") + child
        else:
            parent.text = (parent.text or "") + child


def build(item: Item, lang: str) -> tuple[Any, str | None]:
    """Return an item as a tree, and its picture."""
    e = _Maker(ITEM)
    shown = sheet.question(item.variant, lang, item.number)
    blanks = fields(item, lang)
    total, shares = sum(points(blanks)), points(blanks)
    body = [e("p", *text(e, shown["text"]))]
    if shown["figure"]:
        body.append(e("p", e("img", src=f"../media/{item.ident}.svg", alt=shown["alt"] or item.ident)))
    declarations, outcomes, processing, feedback = [], [], [], []
    outcomes.append(_outcome(e, "SCORE", "float", "0"))
    for place, (field, share) in enumerate(zip(blanks, shares, strict=True), 1):
        declarations.append(_declaration(e, f"R{place}", field))
        outcomes.append(_outcome(e, f"FEEDBACK{place}", "identifier"))
        body.append(_interaction(e, f"R{place}", field))
        processing.append(_processing(e, place, field, share / total))
        feedback += _feedback(e, place, field, lang)
    body.append(e("p", *text(e, shown["precision"])))
    about = {
        "identifier": item.ident, "title": translate(item.exercise.title, lang).replace("`", ""),
        "adaptive": "false", "timeDependent": "false",
    }  # fmt: skip
    tree = e(
        "assessmentItem", *declarations, *outcomes, e("itemBody", *body),
        e("responseProcessing", *processing), *feedback, **about,
    )  # fmt: skip
    tree.set("{http://www.w3.org/XML/1998/namespace}lang", lang)
    return tree, shown["figure"]


def text(e: _Maker, message: str) -> list[Any]:
    """Return a text with its formulas as inline elements in Unicode, which every player shows."""
    return [e("em", part) if is_formula else part for is_formula, part in formula.parts(message)]


def _declaration(e: _Maker, name: str, field: Field) -> Any:
    if field.kind == "number":
        right, cardinality, base = [decimal(field.value)], "single", "float"
    else:
        right = [f"C{n}" for n, option in enumerate(field.options, 1) if option.right]
        cardinality, base = ("multiple" if field.kind == "several" else "single"), "identifier"
    correct = e("correctResponse", *(e("value", value) for value in right))
    return e("responseDeclaration", correct, identifier=name, cardinality=cardinality, baseType=base)


def _outcome(e: _Maker, name: str, base: str, default: str = "") -> Any:
    children = [e("defaultValue", e("value", default))] if default else []
    return e("outcomeDeclaration", *children, identifier=name, cardinality="single", baseType=base)


def _interaction(e: _Maker, name: str, field: Field) -> Any:
    if field.kind == "number":
        blank = e("textEntryInteraction", responseIdentifier=name, expectedLength="12")
        return e("p", *text(e, field.label), " = ", blank)
    choices = [
        e("simpleChoice", *text(e, option.text), identifier=f"C{n}")
        for n, option in enumerate(field.options, 1)
    ]
    most = "1" if field.kind == "choice" else "0"
    prompt = e("prompt", *text(e, field.label))
    return e("choiceInteraction", prompt, *choices, responseIdentifier=name, shuffle="false", maxChoices=most)


def _processing(e: _Maker, place: int, field: Field, share: float) -> Any:
    """Return the response processing: no answer, correct, a slip or wrong; the first match counts."""
    name = f"R{place}"
    none = e("responseIf", e("isNull", e("variable", identifier=name)), _give(e, place, "NONE"))
    score = e("variable", identifier="SCORE")
    more = e(
        "setOutcomeValue",
        e("sum", score, e("baseValue", f"{share:.10f}", baseType="float")),
        identifier="SCORE",
    )
    correct = e("correct", identifier=name)
    branches = [e("responseElseIf", _same(e, name, correct, field), more, _give(e, place, "RIGHT"))]
    if field.kind == "number":
        for number, (value, _message) in enumerate(field.wrong, 1):
            other = e("baseValue", decimal(value), baseType="float")
            branches.append(
                e("responseElseIf", _same(e, name, other, field), _give(e, place, f"SLIP{number}"))
            )
    elif field.kind == "choice":
        for number, option in enumerate(field.options, 1):
            if option.feedback:
                other = e("baseValue", f"C{number}", baseType="identifier")
                branches.append(
                    e("responseElseIf", _same(e, name, other, field), _give(e, place, f"SLIP{number}"))
                )
    return e("responseCondition", none, *branches, e("responseElse", _give(e, place, "WRONG")))


def _give(e: _Maker, place: int, what: str) -> Any:
    value = e("baseValue", f"{what}{place}", baseType="identifier")
    return e("setOutcomeValue", value, identifier=f"FEEDBACK{place}")


def _same(e: _Maker, name: str, other: Any, field: Field) -> Any:
    variable = e("variable", identifier=name)
    if field.kind == "number":
        tolerance = f"{decimal(field.tolerance)} {decimal(field.tolerance)}"
        return e("equal", variable, other, toleranceMode="absolute", tolerance=tolerance)
    return e("match", variable, other)


def _feedback(e: _Maker, place: int, field: Field, lang: str) -> Iterator[Any]:
    messages = [("RIGHT", translate(_("Correct."), lang)), ("WRONG", translate(_("Not correct."), lang))]
    messages += [(f"SLIP{n}", message) for n, (_value, message) in enumerate(field.wrong, 1)]
    messages += [
        (f"SLIP{n}", option.feedback) for n, option in enumerate(field.options, 1) if option.feedback
    ]
    for what, message in messages:
        yield e(
            "modalFeedback", e("p", *text(e, field.label), ": ", *text(e, message)),
            outcomeIdentifier=f"FEEDBACK{place}", showHide="show", identifier=f"{what}{place}",
        )  # fmt: skip


def test(items: list[Item], title: str) -> Any:
    """Return the test: all items in one section; the scores are added up."""
    e = _Maker(ITEM)
    refs = [e("assessmentItemRef", identifier=item.ident, href=f"items/{item.ident}.xml") for item in items]
    section = e("assessmentSection", *refs, identifier="S1", title=title, visible="true")
    part = e("testPart", section, identifier="P1", navigationMode="nonlinear", submissionMode="individual")
    total = e("sum", e("testVariables", variableIdentifier="SCORE"))
    processing = e("outcomeProcessing", e("setOutcomeValue", total, identifier="SCORE"))
    return e(
        "assessmentTest", _outcome(e, "SCORE", "float", "0"), part, processing, identifier="T1", title=title
    )


def manifest(items: list[Item], pictures: set[str], lang: str) -> Any:
    """Return the manifest of the package."""
    e = _Maker(PACKAGE)
    refs = [e("dependency", identifierref=item.ident) for item in items]

    def resource(identifier: str, kind: str, href: str, *more: Any) -> Any:
        return e("resource", e("file", href=href), *more, identifier=identifier, type=kind, href=href)

    resources = [resource("TEST", "imsqti_test_xmlv2p1", "test.xml", *refs)]
    for item in items:
        media = [e("file", href=f"media/{item.ident}.svg")] if item.ident in pictures else []
        resources.append(resource(item.ident, "imsqti_item_xmlv2p1", f"items/{item.ident}.xml", *media))
    about = e("metadata", e("schema", "QTIv2.1 Package"), e("schemaversion", "1.0.0"))
    return e("manifest", about, e("organizations"), e("resources", *resources), identifier="MANIFEST")
