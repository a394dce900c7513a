"""popcode sweep: from a recording to a table, a page and a recommendation."""

import csv
import json

import pytest

pytest.importorskip("optuna", reason="the extra popcode[sweep] is not installed")
pytest.importorskip("distributed", reason="the extra popcode[sweep] is not installed")

SMALL = ("--updates", "60", "--chains", "20", "--sweeps", "2", "--batch", "50")
WARM = ("--hidden", "3", "--l1", "0.0002,0.0005", "--warm-start", *SMALL)


@pytest.fixture(scope="module")
def swept(tmp_path_factory, source):
    """A whole sweep of two models, the second from the first; not to be changed."""
    from popcode.cli import main

    out = tmp_path_factory.mktemp("swept") / "sweep"
    assert main.run(["sweep", "crbm", str(source), *WARM, "--out", str(out)]) == 0
    return out


def test_every_model_is_a_row_and_a_run_that_other_commands_read(swept, cli):
    with (swept / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["trial"], row["state"], row["warm_from"]) for row in rows] == [
        ("0", "finished", ""),
        ("1", "finished", "0"),
    ]
    for row, updates in zip(rows, (60, 30), strict=True):
        run = swept / "trials" / f"{int(row['trial']):04d}"
        record = json.loads((run / "run.json").read_text())
        metrics = json.loads((run / "metrics.json").read_text())
        assert record["finished"]
        assert record["parameters"]["l1"] == float(row["l1"])
        scores = [each["score"] for each in metrics["statistics"].values()]
        known = [score for score in scores if score is not None]
        assert float(row["worst_score"]) == min(known)
        assert int(row["updates"]) == metrics["training"]["updates"] == updates
    assert cli("report", swept / "trials" / "0001").code == 0


def test_the_page_recommends_and_holds_its_figures(swept):
    page = (swept / "sweep.html").read_text()
    assert "Recommendation" in page
    assert "One seed" in page
    assert page.count("<svg") == 3
    assert "independent neurons" in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_same_again_fits_nothing_and_another_sweep_is_refused(swept, cli, source):
    models = [*swept.glob("trials/*/model.safetensors")]
    before = [(path, path.stat().st_mtime_ns) for path in models]
    table = (swept / "trials.csv").read_bytes()
    again = cli("sweep", "crbm", source, *WARM, "--out", swept)
    resumed = cli("sweep", "--resume", swept)
    for outcome in (again, resumed):
        assert outcome.code == 0, outcome.err
        assert "nothing is left to do" in outcome.err
        assert "recommended: 3 hidden units" in outcome.out
    other = cli("sweep", "crbm", source, *WARM, "--seeds", "2", "--out", swept)
    assert other.code == 2
    assert "another sweep is there" in other.message
    assert [(path, path.stat().st_mtime_ns) for path in models] == before
    assert (swept / "trials.csv").read_bytes() == table


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--hidden", "3,x"), "--hidden is '3,x'"),
        (("--hidden", "0"), "--hidden is 0"),
        (("--l1", "-1"), "--l1 is -1"),
        (("--seeds", "0"), "--seeds is 0"),
        (("--seeds", "99999999999"), "--seeds is 99999999999"),
        (("--workers", "0"), "--workers is 0"),
        (("--holdout", "0"), "--holdout is 0"),
        (("--search", "3", "--warm-start"), "--warm-start"),
        (("--slurm", "--scheduler", "tcp://127.0.0.1:1"), "exclude"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(cli, source, tmp_path, options, said):
    given = dict(zip(("--hidden", "--l1"), ("3", "0.01"), strict=True))
    rest = [option for name in given if name not in options for option in (name, given[name])]
    outcome = cli("sweep", "crbm", source, *rest, *options, "--out", tmp_path / "sweep")
    assert outcome.code == 2
    assert said in outcome.message
    assert not (tmp_path / "sweep").exists()


def test_a_folder_of_something_else_is_left_alone(cli, source, tmp_path):
    (tmp_path / "thesis.tex").write_text("chapter")
    outcome = cli("sweep", "crbm", source, *WARM, "--out", tmp_path)
    assert outcome.code == 2
    assert "thesis.tex" in outcome.message
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    assert cli("sweep", "--resume", tmp_path).code == 2
