"""Canvas: QTI 1.2 as its importer reads it. It contains the keys.

Canvas has no question with several numbers, so each blank becomes an item, with the question above it. It
supports no number nearer to 0 than 0.0001; such bounds become 0.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from quiz.export.items import Field, Item, decimal, fields, points
from quiz.export.moodle import html
from quiz.export.xml import element, sub, to_bytes
from quiz.render import sheet
from quiz.text import translate

QUESTIONS = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
META = "http://canvas.instructure.com/xsd/cccv1p0"

#: Smaller numbers become 0.
SMALLEST = 1e-4


def files(items: list[Item], lang: str, title: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the package: manifest, questions, settings, pictures."""
    root = element(QUESTIONS, "questestinterop")
    assessment = sub(root, "assessment", ident="quiz", title=title)
    _meta(sub(assessment, "qtimetadata"), cc_maxattempts="1")
    section = sub(assessment, "section", ident="root_section")
    pictures, total = [], 0
    for item in items:
        shown = sheet.question(item.variant, lang, item.number)
        if shown["figure"]:
            pictures.append(item.ident)
            yield f"media/{item.ident}.svg", shown["figure"].encode()
        found = fields(item, lang)
        for field, weight in zip(found, points(found), strict=True):
            _item(section, item, field, weight, shown, lang)
            total += weight
    yield "quiz/quiz.xml", to_bytes(root)
    yield "quiz/assessment_meta.xml", _settings(title, total)
    yield "imsmanifest.xml", _manifest(pictures)


def _item(section: Any, item: Item, field: Field, weight: int, shown: dict[str, Any], lang: str) -> None:
    kind = {"number": "numerical", "choice": "multiple_choice", "several": "multiple_answers"}[field.kind]
    name = f"{item.ident}-{field.name}"
    title = f"{translate(item.exercise.title, lang).replace('`', '')} · {item.number:04d} · {field.name}"
    made = sub(section, "item", ident=name, title=title)
    answers = ",".join(f"C{n}" for n in range(1, len(field.options) + 1))
    _meta(
        sub(sub(made, "itemmetadata"), "qtimetadata"),
        question_type=f"{kind}_question", points_possible=str(weight), original_answer_ids=answers,
        assessment_question_identifierref=f"{name}-question",
    )  # fmt: skip
    picture = ""
    if shown["figure"]:
        picture = f'<p><img src="$IMS-CC-FILEBASE$/media/{item.ident}.svg" alt="{escape(shown["alt"])}"></p>'
    body = f"<p>{html(shown['text'])}</p>{picture}<p>{html(field.label)} = ?</p>"
    body += f"<p>{html(shown['precision'])}</p>"
    presentation = sub(made, "presentation")
    _material(presentation, body)
    processing = sub(made, "resprocessing")
    sub(
        sub(processing, "outcomes"),
        "decvar",
        maxvalue="100",
        minvalue="0",
        varname="SCORE",
        vartype="Decimal",
    )
    if field.kind == "number":
        _number(presentation, processing, field)
    else:
        _options(presentation, processing, field)
    messages = [message for _value, message in field.wrong]
    messages += [option.feedback for option in field.options if option.feedback]
    for number, message in enumerate(messages, 1):
        feedback = sub(made, "itemfeedback", ident=f"slip{number}_fb")
        _material(sub(feedback, "flow_mat"), html(message))


def _number(presentation: Any, processing: Any, field: Field) -> None:
    blank = sub(presentation, "response_str", ident="response1", rcardinality="Single")
    sub(sub(blank, "render_fib", fibtype="Decimal"), "response_label", ident="answer1")
    for number, (value, _message) in enumerate(((field.value, ""), *field.wrong)):
        low, high = (_bound(value + sign * field.tolerance) for sign in (-1, 1))
        if number and low == high:
            continue
        condition = sub(processing, "respcondition", continue_="No")
        either = sub(sub(condition, "conditionvar"), "or")
        sub(either, "varequal", respident="response1").text = decimal(_bound(value))
        both = sub(either, "and")
        sub(both, "vargte", respident="response1").text = decimal(low)
        sub(both, "varlte", respident="response1").text = decimal(high)
        if number:
            sub(condition, "displayfeedback", feedbacktype="Response", linkrefid=f"slip{number}_fb")
        else:
            sub(condition, "setvar", action="Set", varname="SCORE").text = "100"


def _bound(value: float) -> float:
    return 0.0 if abs(value) < SMALLEST else value


def _options(presentation: Any, processing: Any, field: Field) -> None:
    many = "Multiple" if field.kind == "several" else "Single"
    choices = sub(sub(presentation, "response_lid", ident="response1", rcardinality=many), "render_choice")
    for number, option in enumerate(field.options, 1):
        _material(sub(choices, "response_label", ident=f"C{number}"), html(option.text))
    count = 0
    for number, option in enumerate(field.options, 1):
        if option.feedback:
            count += 1
            condition = sub(processing, "respcondition", continue_="Yes")
            sub(sub(condition, "conditionvar"), "varequal", respident="response1").text = f"C{number}"
            sub(condition, "displayfeedback", feedbacktype="Response", linkrefid=f"slip{count}_fb")
    condition = sub(processing, "respcondition", continue_="No")
    within = sub(condition, "conditionvar")
    if field.kind == "several":
        within = sub(within, "and")
    for number, option in enumerate(field.options, 1):
        if option.right or field.kind == "several":
            place = within if option.right else sub(within, "not")
            sub(place, "varequal", respident="response1").text = f"C{number}"
    sub(condition, "setvar", action="Set", varname="SCORE").text = "100"


def _settings(title: str, total: int) -> bytes:
    root = element(META, "quiz", identifier="quiz")
    for name, value in (("title", title), ("quiz_type", "assignment"), ("points_possible", str(total))):
        sub(root, name).text = value
    return to_bytes(root)


def _manifest(pictures: list[str]) -> bytes:
    root = element(PACKAGE, "manifest", identifier="manifest")
    about = sub(root, "metadata")
    sub(about, "schema").text = "IMS Content"
    sub(about, "schemaversion").text = "1.1.3"
    sub(root, "organizations")
    resources = sub(root, "resources")
    quiz = sub(resources, "resource", identifier="quiz", type="imsqti_xmlv1p2")
    sub(quiz, "file", href="quiz/quiz.xml")
    sub(quiz, "dependency", identifierref="meta")
    meta = sub(
        resources, "resource", identifier="meta",
        type="associatedcontent/imscc_xmlv1p1/learning-application-resource", href="quiz/assessment_meta.xml",
    )  # fmt: skip
    sub(meta, "file", href="quiz/assessment_meta.xml")
    for name in pictures:
        href = f"media/{name}.svg"
        sub(sub(resources, "resource", identifier=name, type="webcontent", href=href), "file", href=href)
    return to_bytes(root)


def _meta(parent: Any, **entries: str) -> None:
    for label, entry in entries.items():
        one = sub(parent, "qtimetadatafield")
        sub(one, "fieldlabel").text = label
        sub(one, "fieldentry").text = entry


def _material(parent: Any, html: str) -> None:
    sub(sub(parent, "material"), "mattext", texttype="text/html").text = html
