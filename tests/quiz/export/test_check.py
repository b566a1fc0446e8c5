"""The check of exported files: each fault is reported in one sentence."""

import io
import json
import zipfile

import pytest

from quiz.export import check

MANIFEST = """<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>
<resource identifier="A" href="a.xml"><file href="a.xml"/></resource>{}</resources></manifest>"""
ITEM = """<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1">
<responseDeclaration identifier="R1"><correctResponse><value>1</value></correctResponse></responseDeclaration>
{}<itemBody><textEntryInteraction responseIdentifier="R1"/></itemBody>
<responseProcessing><correct identifier="R1"/></responseProcessing></assessmentItem>"""
CANVAS = """<questestinterop xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2"><section>{}</section>
</questestinterop>"""
CANVAS_ITEM = """<item ident="i"><qtimetadata>
<qtimetadatafield><fieldlabel>question_type</fieldlabel><fieldentry>{kind}</fieldentry></qtimetadatafield>
<qtimetadatafield><fieldlabel>points_possible</fieldlabel><fieldentry>{points}</fieldentry></qtimetadatafield>
</qtimetadata><respcondition><varequal>{number}</varequal><setvar>{score}</setvar>
<displayfeedback linkrefid="{feedback}"/></respcondition><itemfeedback ident="f"/></item>"""
SOUND = {"kind": "numerical_question", "points": "2", "number": "0.5", "score": "100", "feedback": "f"}
NUMERICAL = """<question type="numerical"><name><text>n</text></name><idnumber>{number}</idnumber>
<questiontext><text>{text}</text>{file}</questiontext>{penalty}<hidden>0</hidden>
<answer fraction="{fraction}"><text>{answer}</text><tolerance>{tolerance}</tolerance></answer>
<answer fraction="0"><text>*</text><tolerance>0</tolerance></answer></question>"""
QUESTION = {
    "number": "1", "text": "?", "file": "", "penalty": "<penalty>0.1</penalty>", "fraction": "100",
    "answer": "0.5", "tolerance": "0.005",
}  # fmt: skip


def faults(tmp_path, name, content):
    """Write a file and return the sentences about it."""
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return [str(fault) for fault in check.check(tmp_path / name)]


def package(**files):
    """A zip file of XML documents by name."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.doc", "", ["files .doc cannot be checked"]),
        ("a.csv", "a,b\r\n", ["there is no line below the header"]),
        ("a.csv", "a,b\r\n1\r\n", ["line 2 has 1 cells, the header has 2"]),
        ("a.csv", "a,b\r\n1,2\r\n", []),
        ("a.pdf", "%PDF-1.7 cut off", ["it does not begin and end like a PDF"]),
        ("a.md", "`%(w)s`", ["a placeholder was not filled in"]),
        ("a.html", "<p>100 %</p>", []),
        ("a.zip", package(a__xml="<a/>"), ["imsmanifest.xml is missing"]),
        ("a.apkg", package(media="{}"), ["collection.anki2 or media is missing"]),
        ("a.xml", "<questions/>", ["the root element is questions, not quiz"]),
    ],
)
def test_files(tmp_path, name, content, expected):
    assert faults(tmp_path, name, content) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ({"cell_type": "code", "source": "1 +", "outputs": [], "execution_count": None}, ["line 1 of a"]),
        (
            {"cell_type": "code", "source": "1", "execution_count": 1,
             "outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}]},
            ["a cell has been run already"],
        ),
        ({"cell_type": "code", "source": "1"}, ["the notebook is not valid"]),
    ],
    ids=["python", "run", "invalid"],
)  # fmt: skip
def test_notebooks(tmp_path, cell, expected):
    cell = {"id": "c", "metadata": {}, **cell}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    found = faults(tmp_path, "a.ipynb", json.dumps(notebook))
    assert [fault[: len(start)] for fault, start in zip(found, expected, strict=True)] == expected


@pytest.mark.parametrize(
    ("more", "files", "expected"),
    [
        ("", {}, []),
        ("", {"b__xml": "<b/>"}, ["b.xml is in the package but not in the manifest"]),
        ('<file href="c.xml"/>', {}, ["c.xml is in the manifest but not in the package"]),
        ('<resource identifier="A"/>', {}, ["an identifier appears twice in the manifest"]),
        ('<dependency identifierref="B"/>', {}, ["a dependency on B, which is missing"]),
    ],
)
def test_manifests(tmp_path, more, files, expected):
    content = package(imsmanifest__xml=MANIFEST.format(more), a__xml=ITEM.format(""), **files)
    assert faults(tmp_path, "a.zip", content) == expected


def test_every_response_is_asked_for_marked_and_answered(tmp_path):
    item = ITEM.format('<responseDeclaration identifier="R2"/>')
    assert faults(tmp_path, "a.zip", package(imsmanifest__xml=MANIFEST.format(""), a__xml=item)) == [
        "a.xml: declared are ['R1', 'R2'], asked for are ['R1']",
        "a.xml: R2 is never marked",
        "a.xml: R2 has no correct answer",
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"kind": "essay_question"}, ["the type essay_question is unknown"]),
        ({"points": "1.5"}, ["the points are not an integer"]),
        ({"score": "50"}, ["expected one condition worth 100, got 0"]),
        ({"feedback": "g"}, ["the feedback g is missing"]),
        ({"number": "0.00001"}, ["Canvas supports no number as small as 0.00001"]),
    ],
)
def test_canvas(tmp_path, changes, expected):
    content = CANVAS.format(CANVAS_ITEM.format(**SOUND | changes))
    found = faults(tmp_path, "a.zip", package(imsmanifest__xml=MANIFEST.format(""), a__xml=content))
    assert found == [f"a.xml: i: {fault}" for fault in expected]


def test_canvas_identifiers_are_unique(tmp_path):
    content = CANVAS.format(2 * CANVAS_ITEM.format(**SOUND))
    found = faults(tmp_path, "a.zip", package(imsmanifest__xml=MANIFEST.format(""), a__xml=content))
    assert found == ["a.xml: i: the identifier appears twice"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"number": ""}, ["the idnumber '' is empty or not unique in its category"]),
        ({"text": "@@PLUGINFILE@@/a.svg"}, ["the picture a.svg is missing"]),
        ({"file": '<file name="a.svg"></file>'}, ["the picture a.svg is empty"]),
        ({"text": "5 $"}, ["a dollar sign, which Moodle may read as mathematics"]),
        ({"text": r"\(w"}, ["formulas in brackets with backslashes are not in pairs"]),
        ({"text": "%(w)s"}, ["a placeholder was not filled in"]),
        ({"penalty": ""}, ["penalty or hidden is missing"]),
        ({"fraction": "50"}, ["the first answer is not the correct one, but the first match counts"]),
        ({"answer": "*", "tolerance": "0"}, ["answers after * never match"]),
        ({"answer": "0,5"}, ["'0,5' is not a number with a decimal point"]),
        ({"tolerance": "1e-3"}, ["the tolerance '1e-3' is not a number"]),
    ],
)
def test_moodle_questions(tmp_path, changes, expected):
    content = f"<quiz>{NUMERICAL.format(**QUESTION | changes)}</quiz>"
    assert faults(tmp_path, "a.xml", content) == [f"n: {fault}" for fault in expected]


@pytest.mark.parametrize(
    ("blank", "expected"),
    [
        ("{1:NUMERICAL:=0.5:0.005~%0%0.7:0.005#no}", []),
        ("none", ["there is no blank"]),
        ("{1:NUMERICAL:=0.5:0.005", ["there is no blank", "a blank does not end where it should"]),
        ("{0:NUMERICAL:=1:0.1}", ["a weight is not a positive integer"]),
        (
            "{1:NUMERICAL:%0%1:0.1~=2:0.1}",
            ["the first answer is not the correct one, but the first match counts"],
        ),
        ("{1:MULTICHOICE_V:%0%a~%0%b}", ["no alternative is worth 100"]),
        ("{1:MULTIRESPONSE:%50%a~%0%b}", ["the correct options are worth 50 together, not 100"]),
        ("{1:MULTICHOICE_V:=a~%7%b}", ["the fraction '7' is not in Moodle's list"]),
    ],
)
def test_moodle_cloze_questions(tmp_path, blank, expected):
    common = "<penalty>0</penalty><hidden>0</hidden><idnumber>1</idnumber><name><text>n</text></name>"
    text = f"<questiontext><text>{blank}</text></questiontext>"
    found = faults(tmp_path, "a.xml", f'<quiz><question type="cloze">{common}{text}</question></quiz>')
    assert found == [f"n: {fault}" for fault in expected]


def test_moodle_choices(tmp_path):
    common = "<penalty>0</penalty><hidden>0</hidden><idnumber>1</idnumber><name><text>n</text></name>"
    answer = '<answer fraction="{}"><text>a</text></answer>'
    body = f"{common}<single>true</single>{answer.format(0)}{answer.format(0)}"
    found = faults(tmp_path, "a.xml", f'<quiz><question type="multichoice">{body}</question></quiz>')
    assert found == ["n: exactly one answer must be worth 100", "n: two answers have the same text"]
    assert faults(
        tmp_path, "a.xml", '<quiz><question type="essay"><idnumber>1</idnumber></question></quiz>'
    ) == ["?: the type essay is unknown"]
