"""Why a file cannot be used, in Kazakh, Russian and English; imports JAX, which ``--help`` does without."""

from collections.abc import Mapping
from typing import Any

from jaxnet.cli.messages import LANGUAGES
from jaxnet.data.refusals import SENTENCES, InvalidFile, fill

__all__ = [
    "InvalidFile",
    "refusal",
]

#: the sentences: name -> Kazakh, Russian
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
    "target twice": (
        "%(path)s файлының %(column)r бағаны — мақсатты баған, оны тағы басқа мақсатқа алуға болмайды; басқа "
        "бағанды атаңыз",
        "столбец %(column)r файла %(path)s — целевой, второй раз его взять нельзя; назовите другой столбец",
    ),
    "short series": (
        "%(path)s файлында ені %(width)s, болжам қадамы %(horizon)s терезелер үшін кемінде %(expected)s жол "
        "күтілді, бары %(count)s",
        "в %(path)s для окон шириной %(width)s и прогноза на %(horizon)s шагов ожидалось хотя бы строк: "
        "%(expected)s, есть: %(count)s",
    ),
    "short training": (
        "ені %(width)s, болжам қадамы %(horizon)s терезелермен оқыту үшін кемінде %(expected)s жол күтілді, "
        "%(rows)s жолдың %(count)s жолы ғана қалды; көбірек жол беріңіз не енін азайтыңыз",
        "для обучения на окнах шириной %(width)s с прогнозом на %(horizon)s шагов ожидалось хотя бы строк: "
        "%(expected)s, осталось %(count)s из %(rows)s; дайте больше строк или уменьшите ширину",
    ),
    "no time": (
        "%(path)s файлының %(column)r бағанында жолдарды реттейтін 2024-01-31 сияқты күн де, сан да жоқ; "
        "бірінші ұяшығы %(cell)r",
        "в столбце %(column)r файла %(path)s нет ни дат вроде 2024-01-31, ни чисел, по которым упорядочить "
        "строки; первая ячейка: %(cell)r",
    ),
    "bad time": (
        "%(path)s, %(line)s-жол, %(column)r бағаны: жолдарды реттейтін күн не сан күтілді, бары %(cell)r",
        "%(path)s, строка %(line)s, столбец %(column)r: ожидались дата или число, получено %(cell)r",
    ),
    "same time": (
        "%(path)s файлының %(column)r бағанында %(cell)r уақыты екі рет бар; әр уақытқа бір жол қалдырыңыз",
        "в столбце %(column)r файла %(path)s время %(cell)r встречается дважды; оставьте по одной строке на "
        "каждое время",
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


def refusal(name: str, lang: str, values: Mapping[str, Any]) -> str:
    """Return a sentence of :mod:`jaxnet.data.refusals` in a language.

    Example:
        >>> refusal("no data", "ru", {"path": "t.csv"})
        'в t.csv нет данных'
    """
    if lang == "en":
        return fill(SENTENCES, name, values)
    return fill({key: both[LANGUAGES.index(lang)] for key, both in _TRANSLATED.items()}, name, values)
