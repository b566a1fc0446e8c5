"""Careless and malicious students: every mark is as expected, however their work is handed over."""

import class_simulation
import pytest


@pytest.fixture(scope="module")
def differing(tmp_path_factory):
    """What differs from what is expected, for each of two orders."""
    top = tmp_path_factory.mktemp("simulated")
    count = len(class_simulation.WAYS)
    return list(class_simulation.simulate(top, students=count + 10, careless=count, orders=2, seed=3))


def test_every_mark_is_what_the_simulation_expects_in_every_order(differing):
    assert differing == [[], []]
