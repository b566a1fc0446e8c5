"""The quiz lists the questions of the lecture."""

import pytest

from quiz.bank import QUESTIONS
from quiz.text import translate

#: As the lecture asks them.
LECTURE = {
    1: "Жасанды нейрондық желі дегеніміз не және оның перцептроннан қандай айырмашылығы бар?",
    2: "Бір қабатты перцептронның салмақтарын жаңарту ережесін (Perceptron Learning Rule) сипаттаңыз.",
    3: "«XOR мәселесі» дегеніміз не және неліктен бұл мәселе бір қабатты перцептрон үшін маңызды шектеу"
    " болды?",
    4: "Көп қабатты перцептрон (MLP) архитектурасында «жасырын қабаттың» рөлі қандай?",
    5: "Неліктен нейрондық желілерде ReLU немесе Sigmoid сияқты дифференциалданатын активтендіру функциялары"
    " қажет?",
    6: "Қатені кері тарату (Backpropagation) алгоритмінің екі негізгі кезеңін (Forward Pass және Backward"
    " Pass) сипаттаңыз.",
}


@pytest.mark.parametrize("question", LECTURE)
def test_the_questions_are_worded_as_in_the_lecture(question: int):
    assert translate(QUESTIONS[question], "kk") == LECTURE[question]
