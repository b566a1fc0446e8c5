"""What every exercise of the bank must pass; a test adds only an independent way to the right answers.

    SOLVERS = {"q2.update": solve_update}          # givens -> ask name to the right answer

    @pytest.mark.parametrize("check", bank_checks.CHECKS)
    @pytest.mark.parametrize(("exercise", "solve"), SOLVERS.items(), ids=SOLVERS)
    def test_bank(exercise, solve, check):
        check(exercise, solve)

Where many answers are correct, the solver gives one of its own, and it must be marked correct.

A solver gets the givens as they were drawn (fractions, whole numbers, nested tuples, texts) and calculates
in plain Python: fractions where the arithmetic is rational, the module `math` elsewhere, never `jaxnet`. Its
answers have the form of `quiz.key`: numbers, nested lists of numbers; options count from 1.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from unittest import mock

import numpy as np

import quiz
from quiz import bank
from quiz.exercise import Ask, Exercise, Givens
from quiz.exercise.program import Row, run, run_many
from quiz.marking.answers import to_answer
from quiz.marking.marks import CORRECT, FOLLOW_THROUGH, WRONG
from quiz.text import translate
from quiz.text.fill import fill, strip
from quiz.variants import draws, hints, solution, statement
from quiz.variants.variant import Variant

Solver = Callable[[Givens], Mapping[str, Any]]

#: Of so many variants the keys, slips and texts are checked; ``quiz stress all -n 1000`` checks more of them.
SEEDS = 300
#: So many variants are marked one by one.
FEW = 40
#: How often one answer may come up where there are few to choose from.
MOST_COMMON = 0.75
#: How many draws a seed may cost on average.
MOST_DRAWS = 20
FEWEST_VARIANTS = 200
#: The slopes depend on which breakpoint comes first, so that they stay right after most wrong ones.
ONLY_THE_ORDER_COUNTS = {"q4.pieces"}
#: Latin words that stand in Kazakh and Russian texts too.
LATIN = {
    "ReLU",
    "tanh",
    "Adam",
    "RMSprop",
    "log",
    "ln",
    "exp",
    "sgn",
    "max",
    "min",
    "softmax",
    "MSE",
    "Xavier",
    "He",
}


# The checks run in any order and on any worker, so whatever several of them need is cached for each exercise.


@lru_cache(maxsize=64)
def variants(exercise_id: str) -> tuple[Variant, ...]:
    """The variants of the first seeds. The table says which draws they are; `draws_are_proven` checks it."""
    return tuple(quiz.generate(exercise_id, seed) for seed in range(SEEDS))


@lru_cache(maxsize=64)
def solved(exercise_id: str, solve: Solver) -> tuple[Mapping[str, Any], ...]:
    """What the solver finds for each variant."""
    return tuple(solve(variant.givens) for variant in variants(exercise_id))


@lru_cache(maxsize=64)
def values(exercise_id: str) -> tuple[Mapping[str, np.ndarray], ...]:
    """For each variant the values of the steps: without a slip, then with each slip. Computed all at once."""
    exercise = bank.exercise(exercise_id)
    rows = [Row(), *(Row((slip.name,)) for slip in exercise.slips)]
    return tuple(run_many(exercise, [(variant.givens, rows) for variant in variants(exercise_id)]))


def keys_and_slips(exercise_id: str) -> Iterator[list[dict[str, Any]]]:
    """For each variant the key, then the answers of a student who makes each slip.

    Not cached: a million small objects would slow down the garbage collector more than it saves.
    """
    exercise = bank.exercise(exercise_id)
    for made in values(exercise_id):
        yield [
            {ask.name: to_answer(ask, made[ask.step][(row, *ask.index)]) for ask in exercise.asks}
            for row in range(1 + len(exercise.slips))
        ]


def key_is_independent(exercise_id: str, solve: Solver) -> None:
    """The key is what the solver finds, for every seed and every ask."""
    made = zip(variants(exercise_id), keys_and_slips(exercise_id), solved(exercise_id, solve), strict=True)
    for variant, (key, *_slips), found in made:
        if variant.seed < FEW:  # computed on its own it is the same
            assert _agree(list(quiz.key(variant).values()), list(key.values())), f"{variant.name}: {key}"
        assert set(found) == set(key), (
            f"{variant.name}: solver answers {sorted(found)}, asked are {sorted(key)}"
        )
        unique = [ask.name for ask in bank.exercise(exercise_id).asks if not ask.check]
        for name, value in ((name, key[name]) for name in unique):
            assert _agree(value, found[name], 1e-8 * _size(found[name])), (
                f"{variant.name}: {name} is {value}, the solver finds {found[name]}"
            )


def key_is_marked_right(exercise_id: str, solve: Solver) -> None:
    """The solver's answers, exact or off by what the question allows, earn full marks."""
    asks = bank.exercise(exercise_id).asks
    calculated = [ask for ask in asks if ask.kind in ("number", "vector", "matrix") and not ask.check]
    allowed = 0.99 * min((ask.tolerance for ask in calculated), default=0.0)
    for variant, found in zip(variants(exercise_id)[:FEW], solved(exercise_id, solve), strict=False):
        given = {name: _decimal(value) for name, value in found.items()}
        marks = quiz.grade(variant, given)
        assert marks.score == 1, f"{variant.name}: {[p for p in marks.parts.values() if p.status != CORRECT]}"
        off = {ask.name: _shifted(given[ask.name], allowed) for ask in calculated}
        marks = quiz.grade(variant, {**given, **off})
        assert marks.score == 1, f"{variant.name}: off by {allowed}: {marks.parts}"


def slips_are_not_right(exercise_id: str, solve: Solver) -> None:
    """No slip gives the right answers: each is off by more than twice the tolerance somewhere."""
    exercise = bank.exercise(exercise_id)
    assert len(exercise.slips) >= 3, f"{exercise_id} knows {len(exercise.slips)} slips only"
    made = zip(variants(exercise_id), keys_and_slips(exercise_id), solved(exercise_id, solve), strict=True)
    for variant, (_key, *slips), right in made:
        for slip, wrong in zip(exercise.slips, slips, strict=True):
            assert not slip.acts(variant.givens) or any(
                not _agree(wrong[ask.name], right[ask.name], 2 * ask.tolerance) for ask in exercise.asks
            ), f"{variant.name}: slip {slip.name} gives the right answers"


def slips_are_named(exercise_id: str, solve: Solver) -> None:
    """Who makes a slip and goes on from there is told which one it was, or one that can't be told from it."""
    exercise = bank.exercise(exercise_id)
    for variant, (_key, *slips) in zip(variants(exercise_id)[:25], keys_and_slips(exercise_id), strict=False):
        for slip, wrong in zip(exercise.slips, slips, strict=True):
            if not slip.acts(variant.givens):
                continue
            marks = quiz.grade(variant, {name: _typed(value) for name, value in wrong.items()})
            alike = {slip.name, *slip.alike, *(s.name for s in exercise.slips if slip.name in s.alike)}
            named = {name for part in marks.parts.values() for name in part.slips}
            assert marks.score < 1, f"{variant.name}: slip {slip.name} earns full marks"
            assert alike & named, f"{variant.name}: slip {slip.name} is taken for {named or 'nothing'}"
            assert any(p.slip and p.message("en").strip() != "Not correct." for p in marks.parts.values())


def follow_through(exercise_id: str, solve: Solver) -> None:
    """A wrong earlier value with the rest consistent earns the rest, unless it makes the rest trivial."""
    exercise = bank.exercise(exercise_id)
    credited = 0
    chained = [ask for ask in exercise.asks if _dependents(exercise, ask)]
    for variant in variants(exercise_id)[:10]:
        for ask in chained:
            wrong = _other(ask, quiz.key(variant)[ask.name], variant)
            forced = np.array(run(exercise, variant.givens)[ask.step][0])
            forced[ask.index] = _program_value(ask, wrong, variant)
            made = run(exercise, variant.givens, [Row(forced={ask.step: forced})])
            given = {a.name: to_answer(a, made[a.step][(0, *a.index)]) for a in exercise.asks}
            marks = quiz.grade(variant, {name: _typed(value) for name, value in given.items()})
            assert marks.parts[ask.name].status != CORRECT, f"{variant.name}: {wrong} is taken as {ask.name}"
            for other in _dependents(exercise, ask):
                part = marks.parts[other.name]
                trivial = part.status == WRONG and "trivial" in part.message("en")
                assert part.status in (CORRECT, FOLLOW_THROUGH) or trivial, f"{variant.name}: {part}"
                credited += part.status == FOLLOW_THROUGH
    assert credited or not chained or exercise_id in ONLY_THE_ORDER_COUNTS, (
        f"{exercise_id}: nothing ever follows from a wrong earlier value"
    )


def answers_are_spread(exercise_id: str, solve: Solver) -> None:
    """Enough different variants, few draws for each, and no answer that is nearly always right."""
    exercise = bank.exercise(exercise_id)
    made = variants(exercise_id)
    average = sum(variant.draws + 1 for variant in made) / len(made)
    assert average <= MOST_DRAWS, f"{exercise_id}: {average:.1f} draws for a variant"
    all_draws = (quiz.generate(exercise_id, seed) for seed in range(max(SEEDS, draws.SEEDS)))
    distinct = len({repr(sorted(variant.givens.items())) for variant in all_draws})
    assert distinct >= FEWEST_VARIANTS, f"{exercise_id}: only {distinct} different variants"
    keys = [key for key, *_slips in keys_and_slips(exercise_id)]
    for ask in exercise.asks:
        value, count = Counter(repr(key[ask.name]) for key in keys).most_common(1)[0]
        assert count <= MOST_COMMON * len(made), (
            f"{exercise_id}: {ask.name} is {value} in {count} of {len(made)}"
        )


def texts_are_complete(exercise_id: str, solve: Solver) -> None:
    """Everything a person reads is filled, in each language, and written in that language."""
    exercise = bank.exercise(exercise_id)
    assert len(exercise.hints) in (2, 3), f"{exercise_id}: {len(exercise.hints)} hints, expected two or three"
    assert any(step.text for step in exercise.steps), f"{exercise_id}: no worked solution"
    for variant, made in zip(variants(exercise_id), values(exercise_id), strict=True):
        # computed together, as solution() would run the program once more for each variant
        with mock.patch.object(solution, "run", lambda *_givens, made=made: made):
            worked = quiz.solution(variant)
        for lang in ("kk", "ru", "en"):
            options = [text for ask in variant.asks for text in statement.options(ask, variant.givens, lang)]
            _is_clean(f"{variant.text(lang)}\n{worked.text(lang)}\n" + "\n".join(options), lang, variant.name)
            for ask in variant.asks:
                shown = statement.options(ask, variant.givens, lang)
                assert len(set(shown)) == len(shown), f"{variant.name}: the same option twice: {shown}"
    first = variants(exercise_id)[0]
    for lang in ("kk", "ru", "en"):
        rest = [translate(exercise.title, lang), *hints.hints(first, lang)]
        rest += [strip(fill(slip.text, first.givens, lang)) for slip in exercise.slips]
        _is_clean("\n".join(strip(text) for text in rest), lang, exercise_id)
        if lang != "en":
            _is_translated(exercise, first, lang)


def draws_are_proven(exercise_id: str, solve: Solver) -> None:
    """The table of sound draws is what the engine finds; ``python -m quiz.audit.draws`` makes it anew."""
    for seed in range(max(SEEDS, draws.SEEDS)):
        known, variant = draws.draws(exercise_id, seed), quiz.generate(exercise_id, seed, trust=False)
        assert known in (variant.draws, None), f"{variant.name}: {known}, not {variant.draws}"


#: The checks, in the order in which a broken exercise is best mended.
CHECKS: Sequence[Callable[[str, Solver], None]] = (
    key_is_independent,
    key_is_marked_right,
    slips_are_not_right,
    slips_are_named,
    follow_through,
    answers_are_spread,
    texts_are_complete,
    draws_are_proven,
)


def _agree(one: Any, other: Any, tolerance: float = 1e-8) -> bool:
    """Whether two answers are the same within a tolerance."""
    if isinstance(one, list) or isinstance(other, list | tuple):
        one, other = list(one), list(other)
        return len(one) == len(other) and all(
            _agree(a, b, tolerance) for a, b in zip(one, other, strict=True)
        )
    return abs(float(one) - float(other)) <= tolerance


def _size(value: Any) -> float:
    """How large the numbers of an answer are, at least 1: float noise grows with them."""
    parts = value if isinstance(value, list | tuple) else [value]
    return max([1.0, *(_size(v) if isinstance(v, list | tuple) else abs(float(v)) for v in parts)])


def _dependents(exercise: Exercise, ask: Ask) -> list[Ask]:
    return [other for other in exercise.asks if ask.step in exercise.ancestors[other.step]]


def _other(ask: Ask, value: Any, variant: Variant) -> Any:
    """A wrong answer that makes nothing trivial."""
    if ask.kind == "choice":
        return value % len(ask.choices(variant.givens)) + 1
    if ask.kind == "several":
        return [place for place in value if place != 1] if 1 in value else [1, *value]
    if ask.kind == "order":
        return value[::-1]
    if isinstance(value, list):
        return [_other(ask, value[0], variant), *value[1:]]
    if ask.tolerance < 0.5 and value in (0, 1):
        return 1 - value  # a neuron's answer, an error
    return value + 1


def _program_value(ask: Ask, answer: Any, variant: Variant) -> Any:
    """An answer as the program's numbers."""
    if ask.kind == "choice":
        return answer - 1
    if ask.kind == "several":
        return [float(place + 1 in answer) for place in range(len(ask.choices(variant.givens)))]
    if ask.kind == "order":
        return np.array(answer) - 1
    return answer


def _typed(value: Any) -> Any:
    """An answer as it is typed; for ``several`` nothing chosen is written 0."""
    return "0" if value == [] else value


def _decimal(value: Any) -> Any:
    """An exact answer as a float, and lists of them."""
    if isinstance(value, list | tuple):
        return [_decimal(part) for part in value] or "0"
    return value if isinstance(value, int) else float(value)


def _shifted(value: Any, amount: float) -> Any:
    """Every number of an answer made larger."""
    return [_shifted(part, amount) for part in value] if isinstance(value, list) else value + amount


def _is_clean(text: str, lang: str, where: str) -> None:
    """Nothing unfilled, no Python left over, numbers as the language writes them, no mixed letters."""
    for pattern, what in (
        (r"%\(|%%|\{\w*\}", "an open placeholder"),
        (r"(?<!\w)(nan|inf|None|Fraction|array|True|False)(?!\w)(?= *[(\[,;)=.]|$)", "a Python value"),
        (r"`", "a backtick"),
        (r"[^\n ]  +", "two spaces"),
        (r" [,;.]( |$)", "a space before a sign"),
        (r"(?<!\d)-\d|\* ", "a sign of a programming language"),
        (r"[A-Za-z][Ѐ-ԯ]|[Ѐ-ԯ][A-Za-z]", "mixed alphabets"),
        (r"\d,\d" if lang == "en" else r"\d\.\d", "a decimal sign of another language"),
    ):
        found = re.search(pattern, text, re.MULTILINE)
        assert not found, f"{where}, {lang}: {what}: {text[max(0, found.start() - 40) : found.end() + 40]!r}"


def _is_translated(exercise: Exercise, variant: Variant, lang: str) -> None:
    """Every message with words in it is translated, with the same placeholders, and keeps no English word."""
    messages = [exercise.title, exercise.text, *exercise.hints]
    messages += [text for step in exercise.steps for text in step.texts]
    messages += [slip.text for slip in exercise.slips]
    messages += [text for ask in exercise.asks for text in (ask.label, *ask.cases)]
    messages += [option for ask in exercise.asks for option in ask.choices(variant.givens)]
    messages += [value for value in variant.givens.values() if isinstance(value, str)]
    for message in filter(None, messages):
        made = translate(message, lang)
        for text in (message, made):
            assert text.count("`") % 2 == 0, f"{exercise.id}, {lang}: an open backtick in {text!r}"
        # a word in brackets introduces a term
        bare = re.sub(r"\([^()`]*\)", "", made)
        left = [w for w in _words(bare) if len(w) > 2 and not w.isupper() and w not in LATIN]
        assert not left, f"{exercise.id}, {lang}: English left ({', '.join(left)}): {made!r}"
        wanted, found = (sorted(set(re.findall(r"%\(\w+\)s", text))) for text in (message, made))
        assert found == wanted, f"{exercise.id}, {lang}: placeholders {found}, expected {wanted}"


def _words(message: str) -> list[str]:
    """The Latin words of a message outside its formulas."""
    bare = re.sub(r"%\(\w+\)s|`[^`]*`", " ", message)
    return re.findall(r"[A-Za-z]+", bare)
