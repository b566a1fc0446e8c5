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
    "needs option": (
        "%(given)s тек %(needed)s параметрімен бірге беріледі",
        "%(given)s указывается только вместе с %(needed)s",
        "%(given)s goes with %(needed)s only",
    ),
    "against option": (
        "%(given)s пен %(other)s бірге берілмейді",
        "%(given)s не указывается вместе с %(other)s",
        "%(given)s does not go with %(other)s",
    ),
    "text characters": (
        "%(column)s бағанындағы мәтін таңбалап оқылады; әртүрлі таңба саны: %(count)s",
        "текст столбца %(column)s читается по символам, разных символов: %(count)s",
        "the text of column %(column)s is read by characters, %(count)s different ones",
    ),
    "text words": (
        "%(column)s бағанындағы мәтін сөздеп оқылады; кемінде екі рет кездескен сөз саны: %(count)s",
        "текст столбца %(column)s читается по словам, слов, встретившихся хотя бы дважды: %(count)s",
        "the text of column %(column)s is read by words, %(count)s of them occur at least twice",
    ),
    "series": (
        "жолдар %(time)s бағанының ретімен; терезе ені %(width)s, болжам қадамы %(horizon)s; бағандар: "
        "%(columns)s",
        "строки упорядочены по столбцу %(time)s, ширина окна: %(width)s, шагов прогноза: %(horizon)s, "
        "столбцы: %(columns)s",
        "rows in the order of %(time)s; windows of width %(width)s, horizon %(horizon)s; columns: "
        "%(columns)s",
    ),
    "sorted": (
        "жолдар уақыт ретімен қойылды",
        "строки переставлены в порядке времени",
        "the rows were brought into the order of time",
    ),
    "not used": (
        "пайдаланылмаған бағандар: %(names)s",
        "не использованы столбцы: %(names)s",
        "columns that are not used: %(names)s",
    ),
    "text classes": (
        "%(target)s бағанында %(classes)s класс: жіктеу; жол саны: %(rows)s",
        "в столбце %(target)s классы (%(classes)s): классификация, строк: %(rows)s",
        "%(target)s holds %(classes)s classes: classification; %(rows)s rows",
    ),
    "text values": (
        "%(target)s бағанында сандық мәндер: регрессия; жол саны: %(rows)s",
        "в столбце %(target)s числовые значения: регрессия, строк: %(rows)s",
        "%(target)s holds values: regression; %(rows)s rows",
    ),
    "written": ("%(path)s жазылды", "записано: %(path)s", "written: %(path)s"),
    "will write": (
        "модель %(path)s файлына жазылады (--out басқа атау береді)",
        "модель будет записана в %(path)s (--out задаёт другое имя)",
        "the model will be written to %(path)s (--out chooses another name)",
    ),
    "stopping": (
        "осы эпохадан кейін тоқтайды; тағы бір Ctrl-C бірден тоқтатады",
        "остановка после этой эпохи; ещё одно нажатие Ctrl-C остановит сразу",
        "stopping after this epoch; Ctrl-C again stops at once",
    ),
    "interrupted": (
        "%(epochs)s эпохадан кейін үзілді; %(path)s өзгерген жоқ",
        "прервано после эпох: %(epochs)s; %(path)s не изменён",
        "interrupted after %(epochs)s epochs; %(path)s is as it was",
    ),
    "without target": (
        "нысанасы бос %(count)s жол алынып тасталды",
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
    "precision": ("оң болжам дәлдігі", "точность", "precision"),
    "recall": ("толықтық", "полнота", "recall"),
    "rows": ("жол", "строк", "rows"),
    "no such language": (
        "--lang: kk, ru не en күтілді, берілгені «%(given)s»",
        "--lang: ожидалось kk, ru или en, получено «%(given)s»",
        "--lang: expected one of kk, ru, en, got %(given)r",
    ),
    "sizes": (
        "64,32 сияқты өлшемдер күтілді, берілгені «%(given)s»",
        "ожидались размеры вроде 64,32, получено «%(given)s»",
        "expected sizes such as 64,32, got %(given)r",
    ),
    "no activation": (
        "«%(given)s» деген активтендіру функциясы жоқ; барлары: %(known)s",
        "функции активации «%(given)s» нет; есть: %(known)s",
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
        "%(epoch)s-эпохада шығын шексіз болды; --learning-rate мәнін азайтыңыз",
        "потери стали бесконечными (эпоха %(epoch)s); уменьшите --learning-rate",
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
    """Choose the language: what was asked for, then ``JAXNET_LANG``, then the system's locale, else English.

    Raises:
        ValueError: a language that there are no texts for.

    Example:
        >>> language("kk"), language(None, {"LANG": "ru_RU.UTF-8"}), language(None, {})
        ('kk', 'ru', 'en')
    """
    system = next(
        (environ[k] for k in ("JAXNET_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if environ.get(k)), ""
    )
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
