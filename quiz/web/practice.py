"""Practice: the questions, an exercise with its marks and hints, progress."""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import RedirectResponse, Response

from quiz import bank
from quiz.lessons import book
from quiz.marking.diagnosis import diagnose, joined
from quiz.marking.marks import BLANK, CORRECT, FOLLOW_THROUGH, INVALID, Marks
from quiz.marking.seeds import distinguishing_seed, fresh_seed
from quiz.practice import schedule
from quiz.practice.store import Attempt
from quiz.text import mark as _
from quiz.text import translate
from quiz.text.errors import Refusal
from quiz.text.expressions import understood
from quiz.variants.variant import find, parse_name
from quiz.web import engine, fields, pages
from quiz.web.site import Learner, Visit

State = dict[str, Any]


def back(_visit: Visit) -> Response:
    """Lead a reader who came without a form to the start page."""
    return RedirectResponse("/", 303)


def start(visit: Visit) -> Response:
    """Show the questions with what one knows."""
    learner, lang = visit.learner(), visit.lang
    skills = schedule.skills(learner.attempts())
    now = datetime.now(UTC)
    questions = []
    for number, text in bank.QUESTIONS.items():
        own = [e for e in bank.exercises() if e.question == number]
        rows = [
            {
                "id": e.id, "title": translate(e.title, lang), "level": e.level,
                "tries": skills[e.id].tries, "best": skills[e.id].best,
            }
            for e in own
        ]  # fmt: skip
        found = dict.fromkeys(book.lesson_of(e.id) for e in own)
        lessons = [(one.name, translate(one.title, lang)) for one in found if one]
        about = {"number": number, "text": translate(text, lang), "exercises": rows, "lessons": lessons}
        questions.append(about | _known([skills[e.id] for e in own], now))
    unfinished = [
        {"name": name, "title": translate(parse_name(name)[0].title, lang)} for name in learner.open_work()
    ]
    return pages.show(visit, "start.html", {"questions": questions, "unfinished": unfinished})


def _known(skills: list[schedule.Skill], now: datetime) -> dict[str, Any]:
    return {
        "mastery": sum(s.recall * (s.best >= schedule.PASSED) for s in skills) / len(skills),
        "tried": sum(s.tries > 0 for s in skills),
        "due": sum(s.due is not None and s.due <= now for s in skills),
    }


def choose(visit: Visit) -> Response:
    """Begin what most needs practice, of one question or of all."""
    asked = visit.form.get("question")
    question = (
        int(asked) if asked.isascii() and asked.isdigit() and int(asked[:3]) in bank.QUESTIONS else None
    )
    learner = visit.learner(make=True)
    (name,) = schedule.pick(learner.attempts(), question)
    return _fresh(learner, name)


def begin_page(visit: Visit) -> Response:
    """Show what an exercise is about, with a button that begins it."""
    exercise = find(visit.request.path_params["exercise"])
    return pages.show(
        visit, "begin.html", {"exercise": exercise.id, "heading": translate(exercise.title, visit.lang)}
    )


def begin(visit: Visit) -> Response:
    """Begin a new variant of an exercise."""
    exercise = find(visit.request.path_params["exercise"])
    return _fresh(visit.learner(make=True), exercise.id)


def _fresh(learner: Learner, exercise: str, suspects: list[str] | None = None) -> Response:
    answered, salt = learner.answered(), time.time_ns()
    if suspects and len(suspects) > 1:
        seed = distinguishing_seed(exercise, suspects, answered, salt)
    else:
        seed = fresh_seed(exercise, answered, salt)
    return RedirectResponse(f"/practise/{exercise}/{seed}", 303)


def _name(visit: Visit) -> str:
    given = visit.request.path_params
    exercise, seed = parse_name(f"{given['exercise']}@{given['seed']}")
    return f"{exercise.id}@{seed}"


def _new_state() -> State:
    """What is known of a variant that was just begun.

    Fields to what was typed; asks to the answer that was checked, to the number of tries and of hints; how
    it ended, if it did: ``done`` or ``shown``; when it was begun.
    """
    return {"values": {}, "checked": {}, "tried": {}, "hints": {}, "over": "", "begun": time.time()}


def show(visit: Visit) -> Response:
    """Show an exercise with what was typed and checked so far."""
    name = _name(visit)
    visit.site.warm.exercise(name)
    state = visit.learner().work(name) or _new_state()
    return _page(visit, name, state)


def work(visit: Visit) -> Response:
    """Keep what was typed, and do what the button says: check, hint, show the solution, begin another."""
    name, learner = _name(visit), visit.learner(make=True)
    question = engine.question(name, visit.lang)
    state = learner.work(name) or _new_state()
    doing, _colon, ask = visit.form.get("do").partition(":")
    if ask and ask not in [own["name"] for own in question["asks"]]:
        raise Refusal(_("this exercise does not ask for %(name)s"), name=ask[:40])
    if not state["over"]:
        state["values"] = fields.taken(question["asks"], 1, visit.form.values())
        _act(visit, learner, name, question, state, doing, ask)
        learner.keep(name, state)
    if doing == "another":
        checked = engine.marks(name, state["checked"], visit.lang)
        return _fresh(learner, name.partition("@")[0], [joined(slips) for slips in diagnose(checked)])
    return RedirectResponse(visit.request.url.path + (f"#ask-{ask}" if ask else "#result"), 303)


def _act(
    visit: Visit, learner: Learner, name: str, question: Mapping[str, Any], state: State, doing: str, ask: str
) -> None:  # fmt: skip
    asks = {own["name"]: own for own in question["asks"]}
    if doing == "hint" and ask:
        state["hints"][ask] = min(state["hints"].get(ask, 0) + 1, 20)
    if doing in ("check", "check-all", "solution", "another"):
        for own in [ask] if doing == "check" and ask else asks:
            _check(asks[own], state, visit)
    if not any(state["checked"].values()) and doing == "another":
        return  # nothing was answered: nothing is recorded
    marks = engine.marks(name, state["checked"], visit.lang)
    settled = all(part.status in (CORRECT, FOLLOW_THROUGH) for part in marks.parts.values())
    if settled or doing in ("solution", "another"):
        state["over"] = "done" if settled else "shown"
        if name not in learner.answered():
            learner.add(marks, visit.lang, max(0.0, time.time() - state["begun"]))


def _check(ask: Mapping[str, Any], state: State, visit: Visit) -> None:
    """Take the answer of an ask as one to be marked; the same answer is not another try."""
    typed = fields.compose(ask, 1, state["values"])
    if typed and typed != state["checked"].get(ask["name"]):
        state["tried"][ask["name"]] = state["tried"].get(ask["name"], 0) + 1
    if typed:
        state["checked"][ask["name"]] = typed
    else:
        state["checked"].pop(ask["name"], None)


def _page(visit: Visit, name: str, state: State) -> Response:
    lang = visit.lang
    question = engine.question(name, lang)
    marks = engine.marks(name, state["checked"], lang) if state["checked"] or state["over"] else None
    key, steps = _solution(name, lang) if state["over"] else ({}, [])
    asks = []
    for ask in question["asks"]:
        part = marks.parts[ask["name"]] if marks else None
        marked = part is not None and (part.status != BLANK or bool(state["over"]))
        asks.append(
            ask
            | {
                "fields": fields.names(ask, 1),
                "mark": _mark(part, lang) if part is not None and marked else None,
                "hints": _hints(name, ask["name"], state["hints"].get(ask["name"], 0), lang),
                "key": key.get(ask["name"]),
            }
        )
    about = {
        "question": question | {"asks": asks}, "values": state["values"], "over": state["over"],
        "steps": steps, "name": name, "percent": 100 * marks.score if marks else None,
        "carry_on": marks is not None and _may_carry_on(marks), "lesson": _lesson(name),
    }  # fmt: skip
    return pages.show(visit, "exercise.html", about)


def _lesson(name: str) -> str:
    """Return the name of the lesson that explains a variant; empty if there is none."""
    found = book.lesson_of(parse_name(name)[0].id)
    return found.name if found else ""


def _mark(part: Any, lang: str) -> dict[str, Any]:
    sign = {CORRECT: "✓", FOLLOW_THROUGH: "✓", INVALID: "?", BLANK: "–"}.get(part.status, "✗")
    read = understood(part.given, part.read, lang)
    return {"status": part.status, "sign": sign, "message": part.message(lang), "read": read}


def _may_carry_on(marks: Marks) -> bool:
    """Return whether a wrong value is followed by answers that can be worked out from it."""
    exercise = bank.exercise(marks.variant.exercise)
    wrong = {a.step for a in exercise.asks if marks.parts[a.name].status not in (CORRECT, BLANK, INVALID)}
    blank = [a for a in exercise.asks if marks.parts[a.name].status == BLANK]
    return any(wrong & set(exercise.ancestors[ask.step]) for ask in blank)


def _solution(name: str, lang: str) -> tuple[dict[str, str], list[str]]:
    from quiz.render import sheet  # loads NumPy, which the start page does not need

    made = sheet.key_of(engine.variant(name), lang)
    return made["key"], made["steps"]


def _hints(name: str, ask: str, count: int, lang: str) -> list[str]:
    if not count:
        return []
    from quiz.variants.hints import hints  # loads NumPy, as above

    found = [
        hint for hint, _number in zip(hints(engine.variant(name), lang, ask), range(count), strict=False)
    ]
    return found if len(found) == count else [*found, translate(_("There are no more hints."), lang)]


def progress(visit: Visit) -> Response:
    """Show what one knows, week by week and question by question."""
    learner, lang, now = visit.learner(), visit.lang, datetime.now(UTC)
    attempts = learner.attempts()
    skills = schedule.skills(attempts, now)
    rows = [
        {"number": number, "text": translate(text, lang),
         "all": sum(e.question == number for e in bank.exercises())}
        | _known([skills[e.id] for e in bank.exercises() if e.question == number], now)
        for number, text in bank.QUESTIONS.items()
    ]  # fmt: skip
    texts = {(e.id, slip.name): slip.text for e in bank.exercises() for slip in e.slips}
    count = Counter((a.exercise, s) for a in attempts for s in a.slips if (a.exercise, s) in texts)
    slips = [
        {"exercise": name, "title": translate(bank.exercise(name).title, lang), "times": times,
         "text": translate(texts[name, slip], lang)}
        for (name, slip), times in count.most_common(8)
    ]  # fmt: skip
    about = {"attempts": len(attempts), "rows": rows, "slips": slips, "weeks": _weeks(attempts, now)}
    return pages.show(visit, "progress.html", about)


def _weeks(attempts: list[Attempt], now: datetime, most: int = 16) -> list[dict[str, Any]]:
    """Return the last weeks, the oldest first: how many exercises were answered, and the mean result."""
    monday = (now - timedelta(days=now.weekday())).date()
    made = []
    for back_by in reversed(range(most)):
        first = monday - timedelta(weeks=back_by)
        own = [a.score for a in attempts if first <= a.time.date() < first + timedelta(weeks=1)]
        made.append({"first": first, "count": len(own), "mean": sum(own) / len(own) if own else None})
    return made
