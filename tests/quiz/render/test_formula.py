"""Every formula of the bank becomes valid LaTeX; sheets escape their contents."""

import re

import pytest

from quiz import bank
from quiz.render import formula, html, markdown
from quiz.text import translate


def _messages():
    for e in bank.exercises():
        yield from (e.title, e.text, *e.hints)
        for step in e.steps:
            yield from (step.text,) if isinstance(step.text, str) else step.text
        yield from (slip.text for slip in e.slips)
        for ask in e.asks:
            yield ask.label
            yield from () if callable(ask.options) else ask.options


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_formula_of_the_bank_is_latex(lang):
    seen = 0
    for message in _messages():
        for is_formula, part in formula.parts(re.sub(r"%\((\w+)\)s", "1", translate(message, lang))):
            if not is_formula:
                continue
            made = formula.latex(part)
            seen += 1
            bare = made.replace(r"\{", "").replace(r"\}", "")
            assert bare.count("{") == bare.count("}"), (part, made)
            assert re.sub(r"\\text\{[\u0400-\u04ff]+\}", "", made).isascii(), (part, made)
            assert not re.search(r"(\^\{[^{}]*\}\^|_\{[^{}]*\}_)", made), (part, made)
            assert r"\)" not in made
            assert "$" not in made.replace(r"\$", "")
    assert seen > 300


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("η·∂L/∂wᵢ", r"\eta \cdot \partial L/\partial w_{i}"),
        ("0,5 + 12\u202f345,6", r"0{,}5 + 12\,345{,}6"),
        ("√v̂ + ε", r"\sqrt{\hat{v}} + \varepsilon"),
        ("√(w₁² + (b + 1)²)", r"\sqrt{w_{1}^{2} + (b + 1)^{2}}"),
        ("e^(−z), 0,9^12", r"e^{-z}, 0{,}9^{12}"),
        ("max(0; z)", r"\max (0; z)"),
        ("жаңа w", r"\text{жаңа} w"),
        (r"a\) {b} $c$ 50%", r"a\backslash ) \{b\} \$c\$ 50\%"),
        ("σ′(z) ≤ 0", r"\sigma '(z) \le 0"),
    ],
)
def test_latex(text, made):
    assert formula.latex(text) == made


EVIL = "<script>alert(1)</script> & \"' *x* [a](b) `<img src=x>` \\ | # ![i](j)"


def test_html_escapes_words_and_formulas():
    made = html.text(EVIL)
    assert "<script" not in made
    assert "<img" not in made
    assert "&lt;script&gt;" in made


def test_markdown_escapes_words():
    made = markdown.text(EVIL)
    assert r"\<script\>" in made
    assert r"\[a\](b)" in made
    assert r"\!\[i\]" in made
    assert markdown.escape("1. x\n- y") == "1\\. x\n\\- y"
