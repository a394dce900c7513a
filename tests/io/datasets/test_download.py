"""Downloads end whole or not at all, and go on to the same bytes wherever they stopped."""

import hashlib

import pytest

from popcode.errors import InputError
from popcode.io.datasets.download import TRIES, download, part_of
from popcode.io.datasets.entries import RemoteFile

PATH = "/folder/file.bin"


@pytest.fixture
def remote(site, content):
    """The file as a deposit describes it."""
    site.content[PATH] = content
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return RemoteFile("file.bin", site.url + PATH, len(content), digest)


def nothing(*_):
    pass


def stop_after(n_bytes):
    """A watcher that interrupts once so many bytes came."""

    def watch(n, _total):
        if n >= n_bytes:
            raise KeyboardInterrupt

    return watch


def bare(remote):
    """The same where neither size nor hash is known."""
    return RemoteFile(remote.name, remote.url)


def left_behind(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("known", [True, False])
def test_the_bytes_of_the_file_and_nothing_else(remote, content, tmp_path, known):
    seen = []
    file = remote if known else bare(remote)
    download(file, tmp_path / "a.bin", lambda n, total: seen.append((n, total)))
    assert (tmp_path / "a.bin").read_bytes() == content
    assert left_behind(tmp_path) == ["a.bin"]
    assert seen[0] == (0, len(content))
    assert seen[-1] == (len(content), len(content))


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("stop", [1, 1 << 20, 3 << 20])
def test_an_interrupted_one_goes_on_to_the_same_bytes(remote, content, site, tmp_path, stop, known):
    file, target = remote if known else bare(remote), tmp_path / "a.bin"
    with pytest.raises(KeyboardInterrupt):
        download(file, target, stop_after(stop))
    assert not target.exists()
    n_kept = part_of(target).n_bytes
    assert n_kept >= stop
    assert part_of(target).path.read_bytes() == content[:n_kept]
    download(file, target, nothing)
    assert target.read_bytes() == content
    assert left_behind(tmp_path) == ["a.bin"]
    assert site.asked == [(PATH, None), (PATH, f"bytes={n_kept}-")]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_connection_that_breaks_is_taken_up_again(remote, content, site, tmp_path, chunked):
    site.break_after, site.chunked = [1000, 2 << 20], chunked
    download(bare(remote), tmp_path / "a.bin", nothing)
    assert (tmp_path / "a.bin").read_bytes() == content
    assert len(site.asked) == 3


def test_one_that_keeps_breaking_is_said_and_kept(remote, content, site, tmp_path):
    site.break_after = [1000] * TRIES
    with pytest.raises(InputError, match=r"broke off after 4,000 bytes.*goes on from where"):
        download(remote, tmp_path / "a.bin", nothing)
    assert part_of(tmp_path / "a.bin").n_bytes == 4000
    download(remote, tmp_path / "a.bin", nothing)
    assert (tmp_path / "a.bin").read_bytes() == content


def test_a_server_without_ranges_starts_again(remote, content, site, tmp_path):
    site.ranges = False
    with pytest.raises(KeyboardInterrupt):
        download(remote, tmp_path / "a.bin", stop_after(1))
    download(remote, tmp_path / "a.bin", nothing)
    assert (tmp_path / "a.bin").read_bytes() == content
    assert site.asked[1][1] is not None


def test_a_file_that_changed_meanwhile_starts_again(remote, content, site, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        download(bare(remote), tmp_path / "a.bin", stop_after(1))
    site.content[PATH], site.tag = content[::-1], '"second"'
    download(bare(remote), tmp_path / "a.bin", nothing)
    assert (tmp_path / "a.bin").read_bytes() == content[::-1]


@pytest.mark.parametrize("tag", ["", 'W/"weak"'])
def test_without_a_tag_the_hash_tells_a_mixture(remote, content, site, tmp_path, tag):
    site.tag = tag
    with pytest.raises(KeyboardInterrupt):
        download(remote, tmp_path / "a.bin", stop_after(1))
    site.content[PATH] = content[::-1]
    with pytest.raises(InputError, match=r"its hash is sha256:.*expected sha256:"):
        download(remote, tmp_path / "a.bin", nothing)
    assert left_behind(tmp_path) == []


def test_a_part_that_is_longer_than_the_file_starts_again(remote, content, tmp_path):
    part_of(tmp_path / "a.bin").path.write_bytes(content + b"more")
    download(remote, tmp_path / "a.bin", nothing)
    assert (tmp_path / "a.bin").read_bytes() == content


def test_a_whole_part_asks_nobody(remote, content, site, tmp_path):
    part_of(tmp_path / "a.bin").path.write_bytes(content)
    download(remote, tmp_path / "a.bin", nothing)
    assert (tmp_path / "a.bin").read_bytes() == content
    assert site.asked == []


def test_a_whole_part_of_unknown_size_is_asked_for_but_not_sent_again(
    remote, content, site, tmp_path
):
    part_of(tmp_path / "a.bin").path.write_bytes(content)
    download(bare(remote), tmp_path / "a.bin", nothing)
    assert (tmp_path / "a.bin").read_bytes() == content
    assert site.asked == [(PATH, f"bytes={len(content)}-")]


def test_a_size_that_nobody_states(remote, content, site, tmp_path):
    site.says_length = False
    seen = []
    download(bare(remote), tmp_path / "a.bin", lambda n, total: seen.append(total))
    assert (tmp_path / "a.bin").read_bytes() == content
    assert set(seen) == {None}


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_a_wrong_hash_is_refused_and_removed(remote, tmp_path, algorithm):
    wrong = remote._replace(digest=f"{algorithm}:{'0' * 32}")
    with pytest.raises(InputError, match=f"its hash is {algorithm}:.*What came was removed"):
        download(wrong, tmp_path / "a.bin", nothing)
    assert left_behind(tmp_path) == []


def test_a_wrong_size_is_refused_and_removed(remote, tmp_path):
    wrong = remote._replace(n_bytes=5, digest=None)
    with pytest.raises(InputError, match=r"it has 3,158,073 bytes; expected 5"):
        download(wrong, tmp_path / "a.bin", nothing)
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "the server answers 404 .*may have moved"),
        (403, "the server answers 403 .*may need an account"),
        (503, "the server answers 503 .*try later"),
    ],
)
def test_a_server_that_refuses(remote, site, tmp_path, status, message):
    site.status = status
    with pytest.raises(InputError, match=message):
        download(remote, tmp_path / "a.bin", nothing)
    assert left_behind(tmp_path) == []


def test_no_network(tmp_path):
    file = RemoteFile("a", "http://127.0.0.1:9/a")
    with pytest.raises(InputError, match=r"cannot reach 127.0.0.1:9 .*Check the network"):
        download(file, tmp_path / "a", nothing)


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://127.0.0.1/a", "a.bin"])
def test_other_schemes_are_refused(tmp_path, url):
    with pytest.raises(InputError, match="none of http or https"):
        download(RemoteFile("a", url), tmp_path / "a", nothing)


def test_a_full_disk_keeps_what_came(remote, content, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("popcode.io.datasets.download.os.fsync", full)
        with pytest.raises(InputError, match="the disk is full"):
            download(remote, tmp_path / "a.bin", nothing)
    assert part_of(tmp_path / "a.bin").n_bytes > 0
    download(remote, tmp_path / "a.bin", nothing)
    assert (tmp_path / "a.bin").read_bytes() == content
