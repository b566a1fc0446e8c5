"""Windows of a time series."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxnet import data


@given(st.integers(1, 30), st.integers(1, 6), st.integers(1, 4), st.integers(1, 4))
def test_windows_hold_what_comes_before_and_the_targets_what_comes_next(time, width, horizon, stride):
    series = np.arange(time, dtype=float)
    if time < width + horizon:
        with pytest.raises(ValueError, match="for one window"):
            data.windows(series, width, horizon=horizon, stride=stride)
        return
    x, y = data.windows(series, width, horizon=horizon, stride=stride)
    for index, (inputs, targets) in enumerate(zip(x, y, strict=True)):
        begin = index * stride
        assert inputs[:, 0].tolist() == series[begin : begin + width].tolist()
        assert targets.tolist() == series[begin + width : begin + width + horizon].tolist()
    assert len(x) * stride + width + horizon > time


def test_several_columns_and_chosen_targets():
    series = np.arange(12).reshape(6, 2)
    x, y = data.windows(series, 3, horizon=2)
    assert x.shape == (2, 3, 2)
    assert y.tolist() == [[[6, 7], [8, 9]], [[8, 9], [10, 11]]]
    assert data.windows(series, 3, horizon=2, targets=1)[1].tolist() == [[7, 9], [9, 11]]
    assert data.windows(series, 3, targets=[1, 0])[1].shape == (3, 1, 2)


def test_gaps_are_refused_or_filled_with_what_was_known():
    series = [1.0, np.nan, np.nan, 4.0, 5.0]
    with pytest.raises(ValueError, match="got nan at step 1, column 0, one of 2; use gaps='previous'"):
        data.windows(series, 2)
    assert data.windows(series, 4, gaps="previous")[0].ravel().tolist() == [1, 1, 1, 4]
    assert data.windows(series, 4, gaps=0)[0].ravel().tolist() == [1, 0, 0, 4]
    with pytest.raises(ValueError, match="nothing comes before the nan at step 0"):
        data.windows(series[1:], 2, gaps="previous")
    with pytest.raises(ValueError, match="'refuse', 'previous' or a number, got 'linear'"):
        data.windows(series, 2, gaps="linear")
    with pytest.raises(ValueError, match="finite"):
        data.windows([1.0, np.inf, 3.0], 1)


def test_the_future_is_not_seen():
    series = np.arange(20.0)
    before, after = data.split_in_time(series, 0.25, overlap=3)
    assert before.max() == 14
    x, y = data.windows(after, 3)
    assert y[0, 0] == 15
    assert x[0, :, 0].tolist() == [12, 13, 14]
    for share, overlap in ((0.0, 0), (1.0, 0), (0.01, 0), (0.25, 16)):
        with pytest.raises(ValueError, match=r"split_in_time"):
            data.split_in_time(series, share, overlap=overlap)


@pytest.mark.parametrize("targets", [2, -1, [], [0, 5]])
def test_columns_that_are_not_there_are_refused(targets):
    with pytest.raises(ValueError, match="among the columns 0 to 1"):
        data.windows(np.ones((6, 2)), 2, targets=targets)
