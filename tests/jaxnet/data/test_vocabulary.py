"""Text as ids, and back."""

import jax
import numpy as np
import pytest

import jaxnet
from jaxnet import data


def test_later_texts_get_the_ids_of_the_first_ones():
    ids, vocabulary = data.text(["Әке, ana", "ana"], lower=True, begin=True, end=True)
    assert vocabulary.tokens[0] == "a"
    assert ids.lengths.tolist() == [10, 5]
    assert ids.values[0, 0] == 2
    assert ids.values[0, 9] == 3
    assert ids.values[1, 5:].tolist() == [0] * 5
    later, same = data.text(["ANA ж"], vocabulary)
    assert same is vocabulary
    assert vocabulary.decode(later) == ["ana \N{REPLACEMENT CHARACTER}"]
    assert vocabulary.decode(ids) == ["әке, ana", "ana"]


def test_words_are_counted_and_rare_ones_are_unknown():
    texts = ["to be, or not to be", "that's the question: to be"]
    ids, vocabulary = data.text(texts, unit="words", size=6)
    assert vocabulary.tokens == ("be", "to")
    assert vocabulary.size == 6
    assert ids.values[0].tolist() == [5, 4, 1, 1, 1, 5, 4]
    assert data.text(texts, unit="words", least=2)[1].tokens == ("be", "to")
    assert "that's" in data.text(texts, unit="words")[1].tokens
    assert vocabulary.decode([5, 4]) == "to be"


def test_accents_in_two_parts_are_the_same_character():
    _, vocabulary = data.text(["й"])
    ids, _ = data.text(["\N{CYRILLIC SMALL LETTER I}\N{COMBINING BREVE}"], vocabulary)
    assert ids.values.tolist() == [[4]]


def test_the_vocabulary_is_saved_with_the_model(tmp_path):
    ids, vocabulary = data.text(["abc", "b"])
    net = jaxnet.rnn(3, 2, vocabulary=vocabulary.size, features=2)
    params = net.init(jax.random.key(0), ids.values.shape[1:])
    jaxnet.save(tmp_path / "m", {"params": params, "vocabulary": vocabulary._asdict()}, net=net)
    again, saved = jaxnet.load_network(tmp_path / "m")
    later, _ = data.text(["cab"], data.Vocabulary(**saved["vocabulary"]))
    np.testing.assert_array_equal(later.values, data.text(["cab"], vocabulary)[0].values)
    assert again.apply(saved["params"], later).shape == (1, 2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: data.text("abc"), TypeError, "expected a list of texts, got str"),
        (lambda: data.text([]), ValueError, "at least one text"),
        (lambda: data.text(["a", ""]), ValueError, "got '' at index 1; leave it out"),
        (lambda: data.text(["a", 3]), TypeError, "got int at index 1"),
        (lambda: data.text(["a"], unit="letters"), ValueError, "no unit 'letters'"),
        (lambda: data.text(["a"], size=4), ValueError, "size to be at least 5, got 4"),
        (lambda: data.text(["a"])[1].decode([9]), ValueError, "ids from 0 to 4, got 9"),
    ],
)
def test_what_is_no_text_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
