"""Round trips of replicas that are moved by hand."""

import numpy as np

from popcode.rbm.tempering.report import TripCounter


def test_a_round_trip_is_from_the_bottom_to_the_top_and_back():
    counter = TripCounter(3, 1)
    counter.observe(np.array([[0], [1], [2]]))
    counter.observe(np.array([[2], [1], [0]]))  # 2 came down, but had not been at the bottom
    assert counter.round_trips == 0
    counter.observe(np.array([[1], [2], [0]]))
    counter.observe(np.array([[0], [2], [1]]))  # 0 is back; 1 has been up
    assert counter.round_trips == 1
    counter.observe(np.array([[0], [1], [2]]))  # staying is no trip
    assert counter.round_trips == 1
    counter.observe(np.array([[1], [2], [0]]))
    assert counter.round_trips == 2


def test_columns_are_counted_by_themselves():
    counter = TripCounter(2, 2)
    for order in ([[0, 0], [1, 1]], [[1, 0], [0, 1]], [[0, 0], [1, 1]]):
        counter.observe(np.array(order))
    assert counter.round_trips == 1
