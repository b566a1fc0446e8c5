"""The records that ``--json`` prints, each with ``"schema": 1``."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from quiz import bank
from quiz.marking.marks import Marks
from quiz.practice import schedule
from quiz.practice.store import Attempt
from quiz.text import translate
from quiz.text.fill import strip
from quiz.variants import statement
from quiz.variants.variant import Variant

if TYPE_CHECKING:  # loads NumPy
    from quiz.variants.solution import Solution

SCHEMA = 1


def bank_of(lang: str) -> dict[str, Any]:
    """Return every exercise with its asks and slips."""
    rows = [
        {
            "id": e.id,
            "question": e.question,
            "level": e.level,
            "title": translate(e.title, lang),
            "asks": [{"name": a.name, "kind": a.kind, "tolerance": a.tolerance} for a in e.asks],
            "slips": [slip.name for slip in e.slips],
        }
        for e in bank.exercises()
    ]
    return {"schema": SCHEMA, "lang": lang, "exercises": rows}


def question(variant: Variant, lang: str) -> dict[str, Any]:
    """Return a question and its asks, without the key."""
    exercise = bank.exercise(variant.exercise)
    asks = []
    for ask in exercise.asks:
        row = {
            "name": ask.name,
            "label": statement.label(ask, variant.givens, lang),
            "kind": ask.kind,
            "tolerance": ask.tolerance,
            "weight": ask.weight,
        }
        if options := statement.options(ask, variant.givens, lang):
            row["options"] = options
        asks.append(row)
    return {
        "schema": SCHEMA,
        "variant": variant.name,
        "question": exercise.question,
        "level": exercise.level,
        "lang": lang,
        "title": translate(exercise.title, lang),
        "text": statement.statement(exercise, variant.givens, lang),
        "precision": statement.precision(exercise, lang),
        "asks": asks,
    }


def marks(marked: Marks, lang: str) -> dict[str, Any]:
    """Return the score and the mark of each answer."""
    parts = [
        {
            "name": part.name,
            "given": part.given,
            "status": part.status,
            "credit": part.credit,
            "slip": part.slip,
            "message": strip(part.message(lang)),
        }
        for part in marked.parts.values()
    ]
    return {"schema": SCHEMA, "variant": marked.variant.name, "score": marked.score, "parts": parts}


def solution(worked: "Solution", key: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Return the key and every step of the worked solution."""
    steps = [
        {"name": step.name, "value": step.value, "text": strip(step.text(lang))} for step in worked.steps
    ]
    return {"schema": SCHEMA, "variant": worked.variant.name, "key": key, "steps": steps}


def progress(attempts: Sequence[Attempt]) -> dict[str, Any]:
    """Return what the student knows, exercise by exercise."""
    rows = [
        asdict(skill) | {"due": skill.due.isoformat() if skill.due else None}
        for skill in schedule.skills(attempts).values()
    ]
    return {"schema": SCHEMA, "attempts": len(attempts), "skills": rows}
