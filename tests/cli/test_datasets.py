"""`popcode datasets`, without a network."""

import pytest

from popcode.io.datasets import Dataset, RemoteFile

TINY = Dataset(
    name="tiny",
    title="One small file",
    article="none",
    page="http://127.0.0.1:9/page",
    licence="unknown",
    size="1 kB",
    files=(RemoteFile("a.npy", "http://127.0.0.1:9/a.npy", 1000),),
)


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A catalogue of one data set whose server is not there."""
    monkeypatch.setattr("popcode.io.datasets.find_dataset", lambda name: TINY)
    monkeypatch.chdir(tmp_path)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def test_the_list_needs_no_network(cli):
    outcome = cli("datasets", "list")
    assert outcome.code == 0
    for name in ("zebrafish-crbm", "critical-cortex", "marble-rat-ca1", "licence  CC BY-NC 4.0"):
        assert name in outcome.out


def test_the_files_of_one(cli, tiny):
    outcome = cli("datasets", "list", "tiny")
    assert outcome.out.split() == ["1", "kB", "a.npy"]


def test_an_unknown_name(cli):
    for command in ("list", "fetch"):
        outcome = cli("datasets", command, "zebrafish")
        assert outcome.code == 2
        assert outcome.message.endswith("Near it: zebrafish-crbm.")


def test_no_network(cli, tiny):
    outcome = cli("datasets", "fetch", "tiny")
    assert outcome.code == 2
    assert "licence: unknown" in outcome.err
    assert "cannot reach 127.0.0.1:9" in outcome.message


def test_what_is_fetched_is_told_on_stdout(cli, tiny, tmp_path):
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "a.npy").write_bytes(bytes(1000))
    outcome = cli("datasets", "fetch", "tiny")
    assert (outcome.code, outcome.out) == (0, "tiny/a.npy\n")
    assert outcome.message == "there already, and not fetched again: 1 of 1"


def test_an_interruption_says_how_to_go_on(cli, tiny, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("popcode.io.datasets.fetch", interrupted)
    outcome = cli("datasets", "fetch", "tiny")
    assert outcome.code == 130
    assert outcome.message.endswith("the same command goes on from there.")
