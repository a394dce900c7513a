"""The course of a fit."""

from popcode.rbm.pcd.schedule import Schedule

SCHEDULE = Schedule(1000, 1, 10, 0.1, l1=0.01, l2=0.02)


def test_penalties_begin_when_the_weights_have_grown():
    assert SCHEDULE.penalties_at(0) == SCHEDULE.penalties_at(99) == (0.0, 0.0)
    assert SCHEDULE.penalties_at(100) == SCHEDULE.penalties_at(999) == (0.01, 0.02)


def test_the_rate_rises_stays_and_falls():
    rates = [SCHEDULE.rate_at(update) for update in range(1000)]
    assert rates[0] == 0.001
    assert rates[100:400] == [0.1] * 300
    assert rates[400:900] == sorted(rates[400:900], reverse=True)
    assert all(abs(rate - 0.001) < 1e-12 for rate in rates[900:])


def test_the_last_iterates_are_averaged():
    averaged = [update for update in range(1, 1001) if SCHEDULE.is_averaged(update)]
    assert averaged == list(range(910, 1001, 10))
