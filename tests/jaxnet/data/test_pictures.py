"""Folders of images."""

import numpy as np
import pytest

from jaxnet import data

Image = pytest.importorskip("PIL.Image")


@pytest.fixture
def folder(tmp_path):
    for name, shade in (("dog", 200), ("cat", 10)):
        (tmp_path / name / "more").mkdir(parents=True)
        Image.new("L", (6, 4), shade).save(tmp_path / name / "b.png")
        Image.new("RGB", (3, 2), (shade, 0, 0)).save(tmp_path / name / "more" / "a.bmp")
        (tmp_path / name / "notes.txt").write_text("no image")
    return tmp_path


def test_folders_are_classes(folder):
    found = data.images(folder, (4, 6))
    assert found.classes == ("cat", "dog")
    assert found.y.tolist() == [0, 0, 1, 1]
    assert found.x.shape == (4, 4, 6, 3)
    assert found.x.dtype == np.uint8
    assert found.x[0, 0, 0].tolist() == [10, 10, 10]
    assert found.x[3, 0, 0].tolist() == [200, 0, 0]
    grey = data.images(folder, (2, 2), grey=True, classes=("dog", "cat"))
    assert grey.x.shape == (4, 2, 2, 1)
    assert grey.x[0, 0, 0, 0] == 200
    assert grey.files[0].endswith("b.png")


def test_what_is_missing_or_damaged_is_said(folder, tmp_path):
    with pytest.raises(ValueError, match="expected a folder with one folder per class"):
        data.images(folder / "none", (2, 2))
    with pytest.raises(ValueError, match=r"expected the folders cow in .*, got cat, dog"):
        data.images(folder, (2, 2), classes=("cow",))
    with pytest.raises(ValueError, match="every size to be at least 1, got 0"):
        data.images(folder, (0, 2))
    (folder / "empty").mkdir()
    with pytest.raises(ValueError, match=r"no image in .*empty; leave the folder out"):
        data.images(folder, (2, 2))
    (folder / "empty" / "x.png").write_bytes(b"not a picture")
    with pytest.raises(ValueError, match=r"x\.png cannot be read as an image"):
        data.images(folder, (2, 2))
