"""What is fitted next, as a function of what was begun."""

from popcode.sweep.plan import Cell, grid_of, next_of, wanted_of
from popcode.sweep.store import Trial


def play(asked, outcome=lambda cell: "finished", best=()):
    """Begin and end one trial after another, until nothing is left; what was begun."""
    trials, given_up = [], set()
    while following := next_of(asked, trials, best, given_up):
        cell = following.cell or Cell(len(trials) + 1, 0.01, asked.seeds[0])
        state = outcome(cell)
        trials.append(Trial(len(trials), cell, state, following.warm_from))
        if state == "failed":
            given_up.add(cell)
    return trials


def test_a_grid_is_fitted_once_each(fake):
    asked = fake.request(seeds=(0, 1))
    cells = [trial.cell for trial in play(asked)]
    assert sorted(cells) == sorted(grid_of(asked))
    assert len(set(cells)) == len(cells) == wanted_of(asked) == 12


def test_what_failed_is_not_begun_again_by_the_same_process_but_by_the_next(fake):
    asked = fake.request()
    trials = play(asked, lambda cell: "failed" if cell.n_hidden == 30 else "finished")
    assert len(trials) == 6
    assert next_of(asked, trials, (), ()).cell.n_hidden == 30


def test_a_warm_start_comes_from_the_next_lower_penalty_of_the_same_units_and_seed(fake):
    asked = fake.request(l1=(0.01, 0.02, 0.04), seeds=(0, 1), warm=True)
    trials = play(asked)
    for trial in trials:
        if trial.cell.l1 == 0.01:
            assert trial.warm_from is None
            continue
        source = trials[trial.warm_from].cell
        below = asked.l1[asked.l1.index(trial.cell.l1) - 1]
        assert source == trial.cell._replace(l1=below)


def test_a_warm_start_waits_for_its_source_and_does_without_one_that_failed(fake):
    asked = fake.request(hidden=(10,), warm=True)
    source = Cell(10, 0.01, 0)
    assert next_of(asked, [Trial(0, source, "running")], (), ()) is None
    following = next_of(asked, [Trial(0, source, "failed")], (), {source})
    assert following == (Cell(10, 0.02, 0), None)


def test_a_search_fits_its_best_again_with_the_other_seeds_when_all_are_over(fake):
    asked = fake.request(n_search=4, seeds=(0, 1, 2))
    best = [Cell(2, 0.01, 0), Cell(3, 0.01, 0), Cell(4, 0.01, 0)]
    trials = play(asked, best=best)
    assert len(trials) == wanted_of(asked) == 4 + 3 * 2
    again = [trial.cell for trial in trials[4:]]
    assert again == [cell._replace(seed=seed) for cell in best for seed in (1, 2)]
    running = [*trials[:3], trials[3]._replace(state="running")]
    assert next_of(asked, running, best, ()) is None
