"""Splits texts into words and formulas, Unicode between backticks, and converts formulas to LaTeX."""

import re
import unicodedata
from collections.abc import Iterator

_HATS = {
    "\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde", "\u0307": "dot", "\u20d7": "vec",
}  # fmt: skip
# pairs of a symbol and its command
_TABLE = r"""
    · \cdot |⋅ \cdot |− - |– - |× \times |÷ \div |± \pm |∓ \mp |≤ \le |≥ \ge |≠ \ne |≈ \approx |≡ \equiv
    |∝ \propto |∼ \sim |< \lt |> \gt |≪ \ll |≫ \gg |← \leftarrow |→ \to |↦ \mapsto |⇒ \Rightarrow
    |⇔ \Leftrightarrow |↔ \leftrightarrow |∂ \partial |∇ \nabla |∑ \sum |∏ \prod |∫ \int |∞ \infty |∈ \in
    |∉ \notin |∪ \cup |∩ \cap |⊂ \subset |⊆ \subseteq |∅ \emptyset |∧ \land |∨ \lor |¬ \lnot |⊕ \oplus
    |⊙ \odot |⊗ \otimes |∘ \circ |∗ * |∥ \Vert |‖ \Vert |⟨ \langle |⟩ \rangle |⌊ \lfloor |⌋ \rfloor
    |⌈ \lceil |⌉ \rceil |… \ldots |⋯ \cdots |′ ' |″ '' |° ^{\circ} |∀ \forall |∃ \exists |ℝ \mathbb{R}
    |ℕ \mathbb{N} |ℒ \mathcal{L} |ℓ \ell |½ \tfrac{1}{2} |⊤ \top |{ \{ |} \} |% \% |$ \$ |# \# |& \&
    |_ \_ |~ \sim |\ \backslash
"""
_SIGNS: dict[str, str] = {sign: command for sign, command in (pair.split() for pair in _TABLE.split("|"))}
_CAPITALS = "ΓΔΘΛΞΠΣΥΦΨΩ"  # the others look like Latin letters and have no command
_SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
_FUNCTIONS = frozenset(("max", "min", "exp", "log", "ln", "tanh", "sin", "cos", "arg", "lim", "det", "dim"))
_TOKEN = re.compile(
    rf"(?P<root>√)|(?P<power>\^)|(?P<number>[0-9]+(?:[.,][0-9]+)?)|(?P<hatted>\w[{''.join(_HATS)}])"
    r"|(?P<word>[A-Za-z]{2,})|(?P<cyrillic>[\u0400-\u04ff]+)|(?P<sign>.)",
    re.DOTALL,
)


def parts(text: str) -> Iterator[tuple[bool, str]]:
    """Split a text into words and formulas.

    Yields:
        Whether the part is a formula, and its text.

    Example:
        >>> list(parts("Find `z`, please"))
        [(False, 'Find '), (True, 'z'), (False, ', please')]
    """
    for place, part in enumerate(text.split("`")):
        if part:
            yield place % 2 == 1, part


def latex(formula: str) -> str:
    r"""Convert a formula to LaTeX that MathJax and KaTeX read too; nothing in it can end the formula.

    Example:
        >>> latex("w₁ ← w₁ − η·∂L/∂w₁ = −0,35")
        'w_{1} \\leftarrow w_{1} - \\eta \\cdot \\partial L/\\partial w_{1} = -0{,}35'
        >>> latex("ŷ = σ(√(x² + 1)), e^(−z)")
        '\\hat{y} = \\sigma (\\sqrt{x^{2} + 1}), e^{-z}'
    """
    return re.sub(r" +", " ", _latex(unicodedata.normalize("NFC", formula))).strip()


def _latex(text: str) -> str:
    made: list[str] = []
    place = 0
    while match := _TOKEN.match(text, place):
        place = match.end()
        kind, token = match.lastgroup, match[0]
        if kind == "root":
            inner, place = _operand(text, place)
            made.append(rf"\sqrt{{{_latex(inner)}}}")
        elif kind == "power":
            inner, place = _operand(text, place)
            made.append(f"^{{{_latex(inner)}}}")
        elif kind == "number":
            made.append(token.replace(",", "{,}"))
        elif kind == "word":
            made.append(rf"\{token} " if token in _FUNCTIONS else rf"\mathrm{{{token}}}")
        elif kind == "cyrillic":
            made.append(rf"\text{{{token}}}")
        elif kind == "hatted":
            made.append(rf"\{_HATS[token[1]]}{{{_sign(token[0])}}}")
        else:
            made.append(_sign(token))
    # join adjacent indices
    return re.sub(r"([_^])\{[^{}]*\}(?:\1\{[^{}]*\})+", _together, "".join(made))


def _together(match: re.Match[str]) -> str:
    return match[1] + "{" + re.sub(r"[_^]\{([^{}]*)\}", r"\1", match[0]) + "}"


def _operand(text: str, place: int) -> tuple[str, int]:
    """Return the operand of a root or power (a bracket, or a number or letter with its index) and its end."""
    if text[place : place + 1] == "(":
        depth = 0
        for end in range(place, len(text)):
            depth += (text[end] == "(") - (text[end] == ")")
            if depth == 0:
                return text[place + 1 : end], end + 1
    match = re.compile(r"[-−]?[0-9]+(?:[.,][0-9]+)?|\w[\u0302-\u0305]?[₀-₉ᵢⱼₐ-ₜ]*|.?", re.DOTALL).match(
        text, place
    )
    assert match is not None
    return match[0], match.end()


def _sign(sign: str) -> str:
    if sign in _SPACES:
        return r"\,"
    if sign in _SIGNS:
        command = _SIGNS[sign]
        return command + " " if command[-1].isalpha() else command
    if "α" <= sign <= "ω" or sign in _CAPITALS:
        return rf"\{_greek(sign)} "
    base, hat = _decomposed(sign)
    if hat:
        return rf"\{hat}{{{base}}}"
    script, plain = _script(sign)
    if script:
        return script + "{" + _sign(plain) + "}"
    if sign.isascii():
        return sign if sign.isprintable() else " "
    return rf"\text{{{sign}}}" if sign.isprintable() else ""


def _decomposed(sign: str) -> tuple[str, str]:
    """Split an accented letter: ŷ is y with a hat."""
    base, *marks = unicodedata.normalize("NFD", sign)
    return (base, _HATS.get(marks[0], "")) if len(marks) == 1 and base.isascii() else (sign, "")


def _script(sign: str) -> tuple[str, str]:
    """Split a subscript or superscript into ``_`` or ``^`` and the plain symbol, as Unicode defines it."""
    kind, _space, code = unicodedata.decomposition(sign).partition(" ")
    if kind not in ("<sub>", "<super>"):
        return "", sign
    return "_" if kind == "<sub>" else "^", chr(int(code, 16))


def _greek(sign: str) -> str:
    """Return the command of a Greek letter: its Unicode name, where lambda is spelt lamda."""
    name = unicodedata.name(sign).split()[-1].lower().replace("lamda", "lambda")
    if sign in _CAPITALS:
        return name.capitalize()
    return {"epsilon": "varepsilon", "phi": "varphi"}.get(name, name)
