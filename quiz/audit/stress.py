"""Checks that every variant is sound: tries many seeds of an exercise and reports plain data."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from quiz import bank
from quiz.audit import guessing, proofs
from quiz.audit.table import table
from quiz.audit.wording import text_faults
from quiz.exercise import Exercise
from quiz.exercise.soundness import why_unsound
from quiz.marking.grading import key
from quiz.text import mark as _
from quiz.text import translate
from quiz.variants.variant import MAX_DRAWS as MAX_TRIES
from quiz.variants.variant import Variant, draw

#: Different variants that an exercise must have in a thousand seeds.
MIN_DISTINCT = 200
#: The largest share of the most frequent answer.
MAX_SHARE = 0.75
#: Draws per variant at most, on average.
MAX_DRAWS = 20
#: The number of variants whose texts are checked, and on which guessing is tried.
TEXT_VARIANTS, GUESS_VARIANTS = 25, 40
#: The number of variants on which the fairness of the marking is proven.
PROOF_VARIANTS = 200


@dataclass(frozen=True)
class Answers:
    """Statistics of the correct answers to one ask over all variants.

    Attributes:
        ask: its name.
        low: the smallest number.
        high: the largest number.
        distinct: the number of different answers.
        common: the most frequent answer.
        share: its relative frequency.
    """

    ask: str
    low: float
    high: float
    distinct: int
    common: Any
    share: float


@dataclass(frozen=True)
class Report:
    """The result for one exercise.

    Attributes:
        exercise: its id.
        seeds: the number of seeds tried.
        made: the number of seeds that gave a variant.
        distinct: the number of different variants.
        draws: draws per variant on average.
        first: seconds for the first variant (compiling included).
        rate: variants with keys per second of CPU time, after the first.
        rejected: reason to number of rejected draws: ``draw`` (by the exercise itself), ``finite``,
            ``rounding``, ``SLIP=key``, ``SLIP~key`` (too near), ``SLIP=SLIP``.
        answers: the correct answers, ask by ask.
        gaps: texts that are not filled in, not translated, or cannot be made.
        guessed: the mean score of each strategy of guessing.
        weak: for each ask the credit that the best strategy for it earns.
        unfair: what the proofs of `quiz.audit.proofs` found.
        faults: what must be fixed, one line each; empty if the exercise is sound.
    """

    exercise: str
    seeds: int
    made: int
    distinct: int
    draws: float
    first: float
    rate: float
    rejected: Mapping[str, int] = field(default_factory=dict)
    answers: tuple[Answers, ...] = ()
    gaps: tuple[str, ...] = ()
    guessed: Mapping[str, float] = field(default_factory=dict)
    weak: Mapping[str, float] = field(default_factory=dict)
    unfair: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def stress(exercise: Exercise, n: int = 1000) -> Report:
    """Try the seeds 0 to ``n - 1`` of an exercise.

    Example:
        >>> from quiz import bank
        >>> report = stress(bank.exercise("q2.update"), 10)
        >>> report.made, report.faults
        (10, ())
    """
    rejected: Counter[str] = Counter()
    variants: list[Variant] = []
    keys: list[dict[str, Any]] = []
    start, warm, busy = time.perf_counter(), 0.0, 0.0
    for seed in range(n):
        variant = _make(exercise, seed, rejected)
        if variant is not None:
            variants.append(variant)
            keys.append(key(variant))
        if seed == 0:
            warm, busy = time.perf_counter(), time.process_time()
    spent = time.process_time() - busy
    distinct = len({repr(sorted(variant.givens.items())) for variant in variants})
    answers = tuple(_answers(ask.name, [right[ask.name] for right in keys]) for ask in exercise.asks if keys)
    guessed, weak = guessing.audit(variants[:GUESS_VARIANTS]) if variants else ({}, {})
    report = Report(
        exercise=exercise.id,
        seeds=n,
        made=len(variants),
        distinct=distinct,
        draws=(len(variants) + rejected.total()) / max(1, len(variants)),
        first=warm - start,
        rate=(n - 1) / max(spent, 1e-9),
        rejected=dict(rejected.most_common()),
        answers=answers,
        gaps=tuple(
            dict.fromkeys(
                gap for variant in variants[:TEXT_VARIANTS] for gap in text_faults(exercise, variant)
            )
        ),
        guessed=guessed,
        weak=weak,
        unfair=tuple(proofs.faults(exercise, variants[:PROOF_VARIANTS])) if variants else (),
    )
    return Report(**{**report.__dict__, "faults": tuple(_faults(report))})


def _make(exercise: Exercise, seed: int, rejected: Counter[str]) -> Variant | None:
    """Make the variant of a seed as `quiz.generate` does, counting rejected draws by reason."""
    for number in range(MAX_TRIES):
        givens = draw(exercise, seed, number)
        why = "draw" if givens is None else why_unsound(exercise, givens)
        if givens is not None and not why:
            return Variant(exercise.id, seed, givens, number)
        rejected[code(why)] += 1
    return None


def code(why: str) -> str:
    """Abbreviate a reason of `quiz.exercise.soundness.why_unsound`.

    Example:
        >>> code("slip sign gives the right answers"), code("slips a and b give the same answers")
        ('sign=key', 'a=b')
    """
    for pattern, short in (
        (r"slip (\S+) gives the right answers", r"\1=key"),
        (r"slip (\S+) comes too near a right answer", r"\1~key"),
        (r"slips (\S+) and (\S+) give the same answers", r"\1=\2"),
        (r"rounding .*", "rounding"),
        (r".*not finite", "finite"),
    ):
        if match := re.fullmatch(pattern, why):
            return match.expand(short)
    return why


def _answers(name: str, values: Sequence[Any]) -> Answers:
    numbers = [number for value in values for number in _flat(value)] or [0.0]
    common, count = Counter(repr(value) for value in values).most_common(1)[0]
    return Answers(
        ask=name,
        low=min(numbers),
        high=max(numbers),
        distinct=len({repr(value) for value in values}),
        common=json.loads(common),
        share=count / len(values),
    )


def _flat(value: Any) -> Iterator[float]:
    if isinstance(value, list):
        for part in value:
            yield from _flat(part)
    else:
        yield float(value)


def _faults(report: Report) -> Iterator[str]:
    """Yield what must be fixed."""
    if report.made < report.seeds:
        yield f"{report.seeds - report.made} of {report.seeds} seeds give no variant"
    # for few seeds: 90 % of the different ones expected from 200 equally likely variants
    wanted = (
        MIN_DISTINCT
        if report.seeds >= 1000
        else 0.9 * MIN_DISTINCT * (1 - (1 - 1 / MIN_DISTINCT) ** report.seeds)
    )
    if report.distinct < int(wanted):
        yield f"only {report.distinct} different variants"
    if report.draws > MAX_DRAWS:
        yield f"{report.draws:.1f} draws for a variant"
    for answers in report.answers:
        if answers.share > MAX_SHARE and report.made >= 20:
            yield f"{answers.ask} is {answers.common} in {answers.share:.0%} of all variants"
    if report.made >= GUESS_VARIANTS:
        for way in guessing.CONSTANT:
            if (share := report.guessed.get(way, 0.0)) > guessing.MAX_SINGLE:
                yield f"guessing by {way} earns {share:.1%}"
    yield from report.unfair
    yield from report.gaps


@dataclass(frozen=True)
class Audit:
    """Reports of many exercises.

    Attributes:
        reports: one for each.
        guessed: strategy of guessing to its mean score over all of them.
        easiest: the exercises where guessing pays best: id, strategy, score.
        faults: what must be fixed, with the exercise's id; empty if the bank is sound.
    """

    reports: tuple[Report, ...]
    guessed: Mapping[str, float]
    easiest: tuple[tuple[str, str, float], ...]
    faults: tuple[str, ...]


def run(ids: Sequence[str], n: int = 1000, done: Callable[[Report], None] | None = None) -> Audit:
    """Try ``n`` seeds of each exercise; ``done`` is called with each report."""
    reports = []
    for exercise_id in ids:
        reports.append(stress(bank.exercise(exercise_id), n))
        if done:
            done(reports[-1])
    scores = {report.exercise: dict(report.guessed) for report in reports if report.guessed}
    mean = {way: sum(ways[way] for ways in scores.values()) / len(scores) for way in guessing.NAMES if scores}
    faults = [f"{report.exercise}: {fault}" for report in reports for fault in report.faults]
    if len(reports) == len(bank.ids()):
        faults += [
            f"guessing by {way} earns {share:.1%}"
            for way, share in mean.items()
            if share > guessing.MAX_SCORE
        ]
    return Audit(tuple(reports), mean, tuple(guessing.easiest(scores)), tuple(faults))


def as_text(audit: Audit, lang: str = "en") -> str:
    """Return the audit as a table and a few lines."""
    head = [_("exercise"), _("variants"), _("draws"), _("per second"), _("guessed"), _("faults")]
    rows = [
        [
            report.exercise,
            str(report.distinct),
            f"{report.draws:.1f}",
            f"{report.rate:.0f}",
            f"{max(report.guessed.values(), default=0):.1%}",
            str(len(report.faults)),
        ]
        for report in audit.reports
    ]
    decimal = (lambda text: text) if lang == "en" else (lambda text: re.sub(r"(\d)\.(\d)", r"\1,\2", text))
    lines = [table([translate(title, lang) for title in head], [[r[0], *map(decimal, r[1:])] for r in rows])]
    rejected = [
        f"  {report.exercise}: " + ", ".join(f"{why} {count}" for why, count in report.rejected.items())
        for report in audit.reports
        if report.rejected
    ]
    if rejected:
        lines += ["", translate(_("Rejected draws, by reason:"), lang), *rejected]
    names = {way: translate(name, lang) for way, name in guessing.NAMES.items()}
    shares = ", ".join(decimal(f"{names[way]} {share:.1%}") for way, share in audit.guessed.items())
    weak = {report.exercise: report.weak for report in audit.reports}
    worst = "; ".join(
        decimal(f"{name} {share:.1%} ({names[way]}; {_weakest(weak[name])})")
        for name, way, share in audit.easiest
    )
    lines += ["", translate(_("Guessing earns on average: %(shares)s"), lang) % {"shares": shares}]
    lines += [translate(_("Easiest to guess: %(worst)s"), lang) % {"worst": worst}]
    if audit.faults:
        lines += ["", translate(_("Faults:"), lang), *(f"  {fault}" for fault in audit.faults)]
    else:
        lines += [translate(_("Every variant is sound."), lang)]
    return "\n".join(lines)


def _weakest(weak: Mapping[str, float], count: int = 2) -> str:
    """Return the asks that are guessed most often."""
    worst = sorted(weak.items(), key=lambda item: -item[1])[:count]
    return ", ".join(f"{name} {share:.0%}" for name, share in worst)


def as_json(audit: Audit) -> str:
    """Return the audit as JSON."""
    return json.dumps({"schema": 1, "ok": not audit.faults, **asdict(audit)}, ensure_ascii=False)
