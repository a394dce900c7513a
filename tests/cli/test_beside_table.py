"""The lines that set a model beside its baselines, also where little is known."""

from popcode.cli.beside_table import beside_lines
from popcode.cli.table import result_table

NOTHING = {
    "comparison": None,
    "higher_order": None,
    "covariance_rivals": None,
    "population_activity_rivals": None,
    "relaxation": None,
    "missing": {"covariance_rivals": "fewer than ten bins"},
}
GAIN = {
    "mean": 5.13, "low": 5.09, "high": 5.165, "standard_error_log_partition": 0.0045,
    "bits_per_spike": 1.288,
}  # fmt: skip
SETS = ("model", "independent", "k_pairwise", "train")
KNOWN = {
    "comparison": {"independent": GAIN, "k_pairwise": GAIN | {"mean": 0.4051}},
    "higher_order": {
        "random": {
            "pearson_ceiling": 0.9752,
            "models": {name: {"pearson": 0.1 * k} for k, name in enumerate(SETS)},
        }
    },
    "covariance_rivals": {
        "models": {name: {"ratio": {"value": 1.0 + k}} for k, name in enumerate(SETS)}
    },
    "population_activity_rivals": {
        "models": {name: {"value": 0.01 * k} for k, name in enumerate(SETS)}
    },
    "relaxation": {
        "population": {
            "factor": {"value": 0.967, "low": 0.934, "high": 1.01},
            "misfit": {"rmse": 0.08, "ceiling": None, "independent": 0.37},
            "note": "",
        }
    },
    "missing": {},
}


def test_every_number_is_in_its_column():
    head, triplets, covariances, counts, *gains, relaxation = beside_lines(KNOWN)
    assert head.split() == ["model", "independent", "k-pairwise", "ceiling"]
    assert triplets.split() == ["triplets", "0.0000", "0.1000", "0.2000", "0.9752"]
    assert covariances.split()[1:] == ["1", "2", "3", "4"]
    assert counts.split()[-4:] == ["0.0000", "0.0100", "0.0200", "0.0300"]
    assert len({line.rindex(line.split()[-1]) + len(line.split()[-1])
                for line in (head, triplets, covariances, counts)}) == 1  # fmt: skip
    assert gains[0].startswith("gain over independent ")
    assert "5.130 nats a bin (5.090 to 5.165; ln Z ± 0.0045), 1.288 bits a spike" in gains[0]
    assert "gain over k-pairwise" in gains[1] and "0.405 nats" in gains[1]
    assert "0.967 sweeps a bin (0.934 to 1.01)" in relaxation and "- at best" in relaxation


def test_what_is_not_known_is_said_with_its_reason():
    lines = beside_lines(NOTHING)
    assert "covariance rivals: not known (fewer than ten bins)" in lines
    assert not any("gain" in line or "relaxation" in line for line in lines)


def test_a_relaxation_that_has_no_factor_says_why():
    found = {"population": {"factor": None, "misfit": None, "note": "no memory"}}
    assert beside_lines(NOTHING | {"relaxation": found})[-2].endswith("- (no memory)")


def test_a_model_held_against_nothing_has_none_of_these_lines():
    metrics = {
        "statistics": {}, "reconstruction": {"nllh_median": None},
        "protocol": {"n_test_bins": 5}, "training": {},
    }  # fmt: skip
    table = result_table(metrics | {"equilibrium": None})
    assert table == result_table(metrics) and "ceiling" not in table.lower()
    assert "gain over" in result_table(metrics | {"equilibrium": KNOWN})
