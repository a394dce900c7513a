"""Options of ``popcode simulate`` that cannot be."""


def test_families_without_end_are_refused_before_they_begin(cli, tmp_path):
    outcome = cli("simulate", "family", "--out", tmp_path / "f", "--animals", "1000000000000")
    assert (outcome.code, "--animals is 1000000000000" in outcome.message) == (2, True)
    assert not (tmp_path / "f").exists()
