"""What the command ``jaxnet`` says besides figures, in Kazakh, Russian and English."""

import os
import re
from collections.abc import Mapping
from typing import Any

LANGUAGES = ("kk", "ru", "en")

#: name -> Kazakh, Russian, English
SENTENCES: Mapping[str, tuple[str, str, str]] = {
    "classification": (
        "%(target)s бағанында %(classes)s класс: жіктеу; жол саны: %(rows)s, белгі саны: %(features)s",
        "в столбце %(target)s классы (%(classes)s): классификация; строк: %(rows)s, признаков: %(features)s",
        "%(target)s holds %(classes)s classes: classification; %(rows)s rows, %(features)s features",
    ),
    "regression": (
        "%(target)s бағанында сандық мәндер: регрессия; жол саны: %(rows)s, белгі саны: %(features)s",
        "в столбце %(target)s числовые значения: регрессия; строк: %(rows)s, признаков: %(features)s",
        "%(target)s holds values: regression; %(rows)s rows, %(features)s features",
    ),
    "header": (
        "бірінші жол — баған атаулары", "первая строка — названия столбцов", "the first row holds names"
    ),
    "no header": (
        "бірінші жол — деректер, бағандар нөмірленді; әйтпесе --header yes",
        "первая строка — данные, столбцы пронумерованы; иначе укажите --header yes",
        "the first row holds data, the columns are numbered; if it holds names: --header yes",
    ),
    "written": ("%(path)s жазылды", "записано: %(path)s", "written: %(path)s"),
    "will write": (
        "модель %(path)s файлына жазылады (--out басқа атау береді)",
        "модель будет записана в %(path)s (--out задаёт другое имя)",
        "the model will be written to %(path)s (--out chooses another name)",
    ),
    "stopping": (
        "осы дәуірден кейін тоқтайды; тағы бір Ctrl-C бірден тоқтатады",
        "остановка после этой эпохи; ещё одно нажатие Ctrl-C остановит сразу",
        "stopping after this epoch; Ctrl-C again stops at once",
    ),
    "interrupted": (
        "%(epochs)s дәуірден кейін үзілді; %(path)s өзгерген жоқ",
        "прервано после эпох: %(epochs)s; %(path)s не изменён",
        "interrupted after %(epochs)s epochs; %(path)s is as it was",
    ),
    "without target": (
        "мақсатты мәні бос %(count)s жол алынып тасталды",
        "строк без целевого значения пропущено: %(count)s",
        "%(count)s rows without a target left out",
    ),
    "unused": (
        "модель білмейтін бағандар пайдаланылмады: %(names)s",
        "столбцы, которых модель не знает, не использованы: %(names)s",
        "columns that the model does not know were not used: %(names)s",
    ),
    "blanks": (
        "«%(column)s» бағанындағы %(count)s бос ұяшық оқытудағы медианамен толтырылды",
        "в столбце «%(column)s» пустых ячеек: %(count)s; заполнены медианой обучающей таблицы",
        "column %(column)r: %(count)s blank cells filled with the median of the training table",
    ),
    "unknown": (
        "«%(column)s» бағанында оқытуда болмаған мән бар ұяшық саны: %(count)s",
        "в столбце «%(column)s» ячеек с незнакомым модели текстом: %(count)s",
        "column %(column)r: %(count)s cells hold a text that the training table did not have",
    ),
    "unreadable cells": (
        "«%(column)s» бағанындағы оқылмайтын %(count)s ұяшық бос деп алынды",
        "в столбце «%(column)s» нечитаемых ячеек: %(count)s; приняты за пустые",
        "column %(column)r: %(count)s cells that cannot be read were taken for blank",
    ),
    "column": ("баған", "столбец", "column"),
    "treatment": ("не істелді", "что сделано", "treatment"),
    "number": ("сан", "число", "number"),
    "number filled": (
        "сан; бос ұяшық: %(blanks)s, орнына медиана %(fill)s және белгі",
        "число; пустых: %(blanks)s, вместо них медиана %(fill)s и признак",
        "number; %(blanks)s blanks filled with the median %(fill)s, and an indicator",
    ),
    "category": (
        "санат, мән саны %(count)s: %(texts)s",
        "категория, значений %(count)s: %(texts)s",
        "category, %(count)s texts: %(texts)s",
    ),
    "blank text": ("(бос)", "(пусто)", "(blank)"),
    "date": ("күн (%(order)s)", "дата (%(order)s)", "date (%(order)s)"),
    "date filled": (
        "күн (%(order)s); бос ұяшық: %(blanks)s, орнына медиана және белгі",
        "дата (%(order)s); пустых: %(blanks)s, вместо них медиана и признак",
        "date (%(order)s); %(blanks)s blanks filled with the median, and an indicator",
    ),
    "ymd": ("жыл-ай-күн", "год-месяц-день", "year-month-day"),
    "dmy": ("күн.ай.жыл", "день.месяц.год", "day.month.year"),
    "mdy": ("ай/күн/жыл", "месяц/день/год", "month/day/year"),
    "dmy?": (
        "күн/ай/жыл деп оқылды, ай/күн/жыл болуы да мүмкін",
        "прочитано как день/месяц/год, возможно и месяц/день/год",
        "read as day/month/year, could be month/day/year too",
    ),
    "asked": ("алынып тасталды: --drop", "не используется: --drop", "left out: --drop"),
    "id": (
        "алынып тасталды: жол нөмірі не идентификатор (қалдыру: --keep)",
        "не используется: номер или идентификатор (оставить: --keep)",
        "left out: counts or identifies the rows (--keep to use it)",
    ),
    "constant": (
        "алынып тасталды: барлық жолда бірдей",
        "не используется: везде одно значение",
        "left out: the same in every row",
    ),
    "blank": ("алынып тасталды: бос", "не используется: пустой", "left out: blank"),
    "texts": (
        "алынып тасталды: әр жолда дерлік басқа мәтін (қалдыру: --keep)",
        "не используется: почти в каждой строке другой текст (оставить: --keep)",
        "left out: another text in nearly every row (--keep to use it)",
    ),
    "numbers": (
        "тағы %(count)s баған: сандар",
        "ещё столбцов с числами: %(count)s",
        "%(count)s further columns: numbers",
    ),
    "confusion": (
        "қателер матрицасы (жол — шын класс, баған — жауап)",
        "матрица ошибок (строка — истинный класс, столбец — ответ)",
        "confusion matrix (row: true class, column: answer)",
    ),
    "class": ("класс", "класс", "class"),
    "precision": ("дәлдік", "точность", "precision"),
    "recall": ("толықтық", "полнота", "recall"),
    "rows": ("жол", "строк", "rows"),
    "no such language": (
        "--lang: kk, ru не en күтілді, берілгені %(given)r",
        "--lang: ожидалось kk, ru или en, получено %(given)r",
        "--lang: expected one of kk, ru, en, got %(given)r",
    ),
    "sizes": (
        "64,32 сияқты өлшемдер күтілді, берілгені %(given)r",
        "ожидались размеры вроде 64,32, получено %(given)r",
        "expected sizes such as 64,32, got %(given)r",
    ),
    "no activation": (
        "%(given)r деген белсендіру функциясы жоқ; барлары: %(known)s",
        "функции активации %(given)r нет; есть: %(known)s",
        "there is no activation %(given)r; there are %(known)s",
    ),
    "no probabilities": (
        "--proba тек кластарға арналған, ал %(path)s сандық мән болжайды",
        "--proba только для классов, а %(path)s предсказывает числа",
        "--proba is for classes, and %(path)s predicts values",
    ),
    "no folder": (
        "%(path)s қалтасы жоқ; алдымен оны жасаңыз",
        "папки %(path)s нет; сначала создайте её",
        "there is no folder %(path)s; make it first",
    ),
    "no file": ("%(path)s деген файл жоқ", "файла %(path)s нет", "%(path)s: No such file or directory"),
    "is a folder": ("%(path)s — қалта", "%(path)s — это папка", "%(path)s is a folder"),
    "machine": ("%(path)s: %(detail)s", "%(path)s: %(detail)s", "%(path)s: %(detail)s"),
    "no space": (
        "%(path)s: дискіде орын жоқ", "%(path)s: на диске нет места", "%(path)s: no space left on the disk"
    ),
    "no permission": ("%(path)s: рұқсат жоқ", "%(path)s: нет доступа", "%(path)s: permission denied"),
    "no memory": ("жад жетпейді", "не хватает памяти", "out of memory"),
    "diverged": (
        "%(epoch)s-дәуірде шығын шексіз болды; --learning-rate мәнін азайтыңыз",
        "в эпохе %(epoch)s ошибка стала бесконечной; уменьшите --learning-rate",
        "the loss became NaN or infinite in epoch %(epoch)s; choose a smaller --learning-rate",
    ),
    "failed": ("орындалмады: %(detail)s", "не выполнено: %(detail)s", "%(detail)s"),
    # what click says
    "no option": ("%(a)s деген параметр жоқ.", "Параметра %(a)s нет.", "No such option %(a)s."),
    "no command": ("%(a)s деген команда жоқ.", "Команды %(a)s нет.", "No such command %(a)s."),
    "missing": ("%(a)s берілмеген.", "Не указано: %(a)s.", "Missing: %(a)s."),
    "extra": ("артық аргумент: %(a)s", "лишний аргумент: %(a)s", "unexpected argument %(a)s"),
    "invalid": ("%(a)s: %(b)s", "%(a)s: %(b)s", "%(a)s: %(b)s"),
    "not a number": ("%(a)s сан емес.", "%(a)s — не число.", "%(a)s is not a number."),
    "range": (
        "%(a)s %(b)s аралығында емес.", "%(a)s вне диапазона %(b)s.", "%(a)s is not in the range %(b)s."
    ),
    "choice": (
        "%(a)s мәні жоқ; барлары: %(b)s.", "значения %(a)s нет; есть: %(b)s.", "%(a)s is not one of %(b)s."
    ),
    "needs value": (
        "%(a)s параметріне мән керек.", "Параметру %(a)s нужно значение.", "%(a)s needs a value."
    ),
    "see help": ("Анықтама: %(command)s --help", "Справка: %(command)s --help", "Help: %(command)s --help"),
}  # fmt: skip

#: the sentences of :mod:`jaxnet.data.refusals`: name -> Kazakh, Russian
_TRANSLATED: Mapping[str, tuple[str, str]] = {
    "not utf-8": (
        "%(path)s — UTF-8 кодталған CSV файл емес (%(detail)s)",
        "%(path)s — не файл CSV в кодировке UTF-8 (%(detail)s)",
    ),
    "no data": ("%(path)s файлында деректер жоқ", "в %(path)s нет данных"),
    "same names": (
        "%(path)s бағандарының атаулары әртүрлі болуы керек, %(name)r екі рет кездеседі",
        "названия столбцов %(path)s должны различаться, %(name)r встречается дважды",
    ),
    "row length": (
        "%(path)s, %(line)s-жол: %(expected)s ұяшық күтілді, бары %(count)s",
        "%(path)s, строка %(line)s: ожидалось ячеек: %(expected)s, получено: %(count)s",
    ),
    "no column": (
        "%(path)s файлында %(name)r деген баған жоқ, барлары: %(names)s",
        "в %(path)s нет столбца %(name)r, есть: %(names)s",
    ),
    "no index": (
        "%(path)s файлында %(name)s-баған жоқ, баған саны %(count)s",
        "в %(path)s нет столбца %(name)s, столбцов: %(count)s",
    ),
    "one column": (
        "%(path)s файлында мақсатты бағаннан басқа белгілер күтілді, бары бір баған",
        "в %(path)s ожидались признаки кроме целевого столбца, есть только один столбец",
    ),
    "no features": (
        "%(path)s файлында мақсатты бағаннан басқа бағандардың бәрі алынып тасталды",
        "в %(path)s все столбцы кроме целевого не используются",
    ),
    "missing": (
        "%(path)s, %(line)s-жол, %(column)r бағаны: мән жоқ; толтырыңыз не жолды алып тастаңыз",
        "%(path)s, строка %(line)s, столбец %(column)r: значения нет; впишите его или удалите строку",
    ),
    "no target": (
        "%(path)s, %(line)s-жол, %(column)r бағаны: мақсатты мән жоқ",
        "%(path)s, строка %(line)s, столбец %(column)r: нет целевого значения",
    ),
    "number": (
        "%(path)s, %(line)s-жол, %(column)r бағаны: сан күтілді, бары %(cell)r",
        "%(path)s, строка %(line)s, столбец %(column)r: ожидалось число, получено %(cell)r",
    ),
    "class": (
        "%(path)s, %(line)s-жол, %(column)r бағаны: %(classes)s кластарының бірі күтілді, бары %(cell)r",
        "%(path)s, строка %(line)s, столбец %(column)r: ожидался один из классов %(classes)s, "
        "получено %(cell)r",
    ),
    "array class": (
        "%(path)s файлында %(classes)s кластары күтілді, %(cell)r класы да бар",
        "в %(path)s ожидались классы %(classes)s, встретился %(cell)r",
    ),
    "array names": (
        "%(path)s файлында %(expected)s массивтері күтілді, барлары: %(names)s",
        "в %(path)s ожидались массивы %(expected)s, есть: %(names)s",
    ),
    "array pair": (
        "%(path)s файлында әр жолға бір мақсатты мән күтілді; x өлшемі %(x)s, y өлшемі %(y)s",
        "в %(path)s ожидалось по одному целевому значению на строку; форма x %(x)s, форма y %(y)s",
    ),
    "array kind": (
        "%(path)s файлындағы %(name)s сандар массиві болуы керек, бары %(dtype)s",
        "%(name)s в %(path)s: ожидался массив чисел, получено %(dtype)s",
    ),
    "array value": (
        "%(path)s файлындағы %(name)s ішінде шекті сандар күтілді, %(row)s-жолда (0-ден санағанда) %(cell)s",
        "в массиве %(name)s файла %(path)s ожидались конечные числа, в строке %(row)s (считая с 0) %(cell)s",
    ),
    "array width": (
        "%(path)s жолдарында модель үйренген %(expected)s сан күтілді, бары %(count)s",
        "в строках %(path)s ожидалось чисел: %(expected)s, как при обучении, получено: %(count)s",
    ),
    "few rows": (
        "%(path)s файлында мақсатты мәні бар кемінде 2 жол күтілді, бары %(count)s",
        "в %(path)s ожидалось хотя бы 2 строки с целевым значением, есть: %(count)s",
    ),
    "one class": (
        "%(path)s файлының %(column)r бағанында кемінде 2 класс күтілді, бары тек %(cell)r",
        "в столбце %(column)r файла %(path)s ожидалось хотя бы 2 класса, есть только %(cell)r",
    ),
    "many classes": (
        "%(path)s файлының %(column)r бағанында %(rows)s жолда %(count)s түрлі мәтін бар: бұл класс емес; "
        "басқа мақсатты бағанды атаңыз",
        "в столбце %(column)r файла %(path)s различных текстов: %(count)s на строк: %(rows)s; это не классы, "
        "назовите другой целевой столбец",
    ),
    "no model": (
        "%(path)s ішінде кесте моделі жоқ; оны jaxnet train жасайды",
        "в %(path)s нет модели таблицы; её создаёт jaxnet train",
    ),
    "damaged model": (
        "%(path)s бүлінген немесе кесте моделі емес (%(detail)s)",
        "%(path)s повреждён или не содержит модели таблицы (%(detail)s)",
    ),
    "model columns": (
        "%(path)s файлында модель үйренген бағандар жоқ: %(names)s",
        "в %(path)s нет столбцов, на которых обучена модель: %(names)s",
    ),
    "unreadable": (
        "%(path)s файлын осы күйінде пайдалануға болмайды:\n%(problems)s\n%(advice)s",
        "%(path)s нельзя использовать как есть:\n%(problems)s\n%(advice)s",
    ),
    "bad cells": (
        "  %(column)r бағаны: %(rows)s ұяшықтың %(count)s ұяшығында %(expected)s емес, біріншісі "
        "%(line)s-жолда: %(cell)r",
        "  столбец %(column)r: в %(count)s из %(rows)s ячеек не %(expected)s, первая в строке %(line)s: "
        "%(cell)r",
    ),
    "bad rows": (
        "  ұяшық саны %(expected)s емес жолдар: %(count)s, біріншісі %(line)s-жол, онда %(cells)s ұяшық",
        "  строк, где ячеек не %(expected)s: %(count)s, первая — строка %(line)s, в ней %(cells)s",
    ),
    "bad blanks": (
        "  %(column)r бағаны: бос ұяшық саны %(count)s, біріншісі %(line)s-жолда, модельде толтыратын "
        "мән жоқ",
        "  столбец %(column)r: пустых ячеек: %(count)s, первая в строке %(line)s, у модели нет значения для "
        "них",
    ),
    "numbers": ("сан", "числа"),
    "dates": ("күн", "даты"),
    "classes": ("модель класы", "классы модели"),
    "advice": (
        "Түзетіңіз, бағанды --drop арқылы алып тастаңыз, не --unreadable blank арқылы бос деп алыңыз",
        "Исправьте их, исключите столбец с --drop или примите такие ячейки за пустые: --unreadable blank",
    ),
}

#: what click says, newer versions and older ones -> the name of ours
_CLICK = (
    (r"No such option:? (?P<a>\S+?)\.?(?: .*)?", "no option"),
    (r"No such command (?P<a>.+?)\.(?: .*)?", "no command"),
    (r"Missing (?:argument|option|parameter)s?:? (?P<a>.+?)\.?", "missing"),
    (r"Got unexpected extra arguments? \((?P<a>.+)\)", "extra"),
    (r"Option (?P<a>.+) requires an argument\.", "needs value"),
    (r"Invalid value for (?P<a>[^:]+): (?P<b>.+)", "invalid"),
    (r"(?P<a>.+) is not a valid (?:integer|float|int|number).*", "not a number"),
    (r"(?P<a>.+) is not in the range (?P<b>.+?)\.?", "range"),
    (r"(?P<a>.+) is not one of (?P<b>.+?)\.?", "choice"),
)


def language(wanted: str | None, environ: Mapping[str, str] = os.environ) -> str:
    """Choose the language: what was asked for, then ``QUIZ_LANG``, then the system's locale, else English.

    Raises:
        ValueError: a language that there are no texts for.

    Example:
        >>> language("kk"), language(None, {"LANG": "ru_RU.UTF-8"}), language(None, {})
        ('kk', 'ru', 'en')
    """
    system = next((environ[k] for k in ("QUIZ_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if environ.get(k)), "")
    short = system.lower()[:2] if wanted is None else wanted
    if wanted is not None and wanted not in LANGUAGES:
        raise ValueError(say("no such language", language(None, environ), given=wanted))
    return short if short in LANGUAGES else "en"


def say(name: str, lang: str, **values: Any) -> str:
    """Return a sentence in a language, filled.

    Example:
        >>> say("written", "en", path="model.safetensors")
        'written: model.safetensors'
    """
    return SENTENCES[name][LANGUAGES.index(lang)] % values


def refusal(name: str, lang: str, values: Mapping[str, Any]) -> str:
    """Return a sentence of :mod:`jaxnet.data.refusals` in a language.

    Example:
        >>> refusal("no data", "ru", {"path": "t.csv"})
        'в t.csv нет данных'
    """
    from jaxnet.data import refusals  # imports JAX, which --help does without

    if lang == "en":
        return refusals.fill(refusals.SENTENCES, name, values)
    return refusals.fill(
        {key: both[LANGUAGES.index(lang)] for key, both in _TRANSLATED.items()}, name, values
    )


def from_click(message: str, lang: str) -> str:
    """Return what click says in a language.

    Example:
        >>> from_click("Invalid value for '--epochs': '0' is not in the range x>=1.", "ru")
        "'--epochs': '0' вне диапазона x>=1."
    """
    for pattern, name in _CLICK:
        if (match := re.fullmatch(pattern, message, re.DOTALL)) and lang != "en":
            return say(name, lang, **{key: from_click(text, lang) for key, text in match.groupdict().items()})
    return message
