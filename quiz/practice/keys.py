"""The keys of a sitting, also by their place on a Cyrillic keyboard, and as words of the three languages."""

HINT, SKIP, BACK, AGAIN, THEORY, SOLUTION, ANOTHER, LEAVE, HELP = (
    "hint", "skip", "back", "again", "theory", "solution", "another", "leave", "help",
)  # fmt: skip

_TYPED = {
    # "?" is "," or "." with a Russian layout, "№" with a Kazakh one
    HINT: "? ?? , . / № ？ hint подсказка кеңес",
    SKIP: "- − – — skip пропустить өткізу",
    BACK: "u г back undo назад артқа",
    AGAIN: "r к repeat again question вопрос повторить сұрақ қайта",
    THEORY: "t е theory learn lesson теория урок сабақ",
    SOLUTION: "s ы solve solution решение сдаюсь шешуі шешім",
    ANOTHER: "n т new another другой ещё еще басқа тағы",
    LEAVE: "q й quit exit leave stop выход выйти стоп шығу тоқта :q",
    HELP: "help keys помощь клавиши көмек пернелер",
}
_KEYS = {word: action for action, words in _TYPED.items() for word in words.split()}


def action_of(typed: str) -> str:
    """Return what a key or a word means; the empty text if it is an answer.

    Example:
        >>> action_of("?"), action_of("Й"), action_of("выход"), action_of("0,35")
        ('hint', 'leave', 'leave', '')
    """
    return _KEYS.get(typed.strip().casefold(), "")
