"""Which files are fetched, where they are put, and what a server may say of them."""

import hashlib
import json
import socket
import urllib.parse

import pytest

from popcode.errors import InputError
from popcode.io.datasets import (
    CATALOGUE,
    Dataset,
    Listing,
    RemoteFile,
    fetch,
    files_of,
    find_dataset,
)
from popcode.io.datasets.fetching import size_text

KNOWN = {"title": "", "article": "", "page": "PAGE", "licence": "", "size": ""}


@pytest.fixture
def dataset(site):
    """Three small files at fixed addresses, the sizes of two known."""
    files = []
    for name in ("a.h5", "b.h5", "sub/c.csv"):
        site.content[f"/{name}"] = name.encode() * 100
        n_bytes = None if name == "a.h5" else len(site.content[f"/{name}"])
        files.append(RemoteFile(name, f"{site.url}/{name}", n_bytes))
    return Dataset(name="three", **KNOWN, files=tuple(files))


def test_all_of_them(dataset, site, tmp_path):
    paths, n_there = fetch(dataset, tmp_path / "new" / "folder", "*", silent=True)
    assert n_there == 0
    names = [str(path.relative_to(tmp_path / "new" / "folder")) for path in paths]
    assert names == ["a.h5", "b.h5", "sub/c.csv"]
    assert all(
        path.read_bytes() == site.content[f"/{n}"] for path, n in zip(paths, names, strict=True)
    )


def test_what_is_there_is_not_fetched_again(dataset, site, tmp_path):
    fetch(dataset, tmp_path, "*", silent=True)
    site.asked.clear()
    assert fetch(dataset, tmp_path, "*", silent=True).n_there == 3
    assert site.asked == []


def test_another_file_of_that_name_stays(dataset, tmp_path):
    (tmp_path / "b.h5").write_bytes(b"mine")
    with pytest.raises(InputError, match="another file of that name is there already"):
        fetch(dataset, tmp_path, "b.h5", silent=True)
    assert (tmp_path / "b.h5").read_bytes() == b"mine"


def test_the_same_size_but_another_hash_stays(site, tmp_path):
    site.content["/x"] = b"right"
    digest = f"md5:{hashlib.md5(b'right').hexdigest()}"
    dataset = Dataset(name="x", **KNOWN, files=(RemoteFile("x", f"{site.url}/x", 5, digest),))
    (tmp_path / "x").write_bytes(b"wrong")
    with pytest.raises(InputError, match="another file of that name"):
        fetch(dataset, tmp_path, silent=True)
    (tmp_path / "x").unlink()
    assert fetch(dataset, tmp_path, silent=True).paths[0].read_bytes() == b"right"


def test_many_files_must_be_chosen(dataset, tmp_path):
    with pytest.raises(InputError, match=r"three has 3 files, 1.3 kB or more: a.h5, b.h5, sub/c"):
        fetch(dataset, tmp_path, silent=True)
    with pytest.raises(InputError, match=r"no file of three is called like 'd\*'.*a.h5, b.h5"):
        fetch(dataset, tmp_path, "d*", silent=True)
    first = dataset._replace(first="b*")
    assert [path.name for path in fetch(first, tmp_path, silent=True).paths] == ["b.h5"]


def test_too_little_space_is_said_before(dataset, site, tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 100})()
    monkeypatch.setattr("popcode.io.datasets.fetching.shutil.disk_usage", lambda _: usage)
    with pytest.raises(InputError, match=r"need 1.3 kB and the disk has 100 bytes free"):
        fetch(dataset, tmp_path, "*", silent=True)
    assert site.asked == []


def test_a_folder_that_cannot_be_made(dataset, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        fetch(dataset, tmp_path / "file", "*", silent=True)


def test_progress_is_shown(dataset, tmp_path, capsys):
    fetch(dataset, tmp_path, "*")
    assert "sub/c.csv (3/3): done, 1 megabytes" in capsys.readouterr().err


def figshare(site):
    files = [{"name": "F.npz", "size": 3, "download_url": f"{site.url}/f", "computed_md5": "ab"}]
    site.content["/list"] = json.dumps({"files": files}).encode()
    return Listing("figshare", f"{site.url}/list"), [
        RemoteFile("F.npz", f"{site.url}/f", 3, "md5:ab")
    ]


def dandi(site):
    def page(name, following):
        entry = {"asset_id": f"id-{name}", "path": f"sub-1/{name}.nwb", "size": 7}
        return json.dumps({"results": [entry], "next": following}).encode()

    first = "/api/dandisets/000713/versions/draft/assets/"
    site.content[first] = page("one", f"{site.url}/second")
    site.content["/second"] = page("two", None)
    address = f"{site.url}/api/assets/id-{{}}/download/"
    files = [RemoteFile(f"sub-1/{n}.nwb", address.format(n), 7) for n in ("one", "two")]
    return Listing("dandi", site.url + first), files


def s3(site):
    def page(keys, following):
        entries = "".join(
            f"<Contents><Key>root/{key}</Key><Size>{size}</Size></Contents>" for key, size in keys
        )
        more = f"<NextContinuationToken>{following}</NextContinuationToken>" if following else ""
        truncated = "true" if following else "false"
        return (
            '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<IsTruncated>{truncated}</IsTruncated>{more}{entries}</ListBucketResult>"
        ).encode()

    query = {"list-type": "2", "prefix": "root/"}
    site.content[f"/?{urllib.parse.urlencode(query)}"] = page([("a b.nwb", 5), ("d/", 0)], "t/1+")
    query["continuation-token"] = "t/1+"
    site.content[f"/?{urllib.parse.urlencode(query)}"] = page([("d/c.nwb", 6)], "")
    files = [
        RemoteFile("a b.nwb", f"{site.url}/root/a%20b.nwb", 5),
        RemoteFile("d/c.nwb", f"{site.url}/root/d/c.nwb", 6),
    ]
    return Listing("s3", f"{site.url}/?list-type=2&prefix=root/"), files


@pytest.mark.parametrize("service", [figshare, dandi, s3])
def test_services_list_their_files(site, service):
    listing, expected = service(site)
    fixed = RemoteFile("fixed", "http://x")
    dataset = Dataset(name="x", **KNOWN, files=(fixed,), listing=listing)
    assert list(files_of(dataset)) == [fixed, *expected]


def test_a_listed_file_is_fetched(site, tmp_path):
    listing, _ = s3(site)
    site.content["/root/d/c.nwb"] = b"sixsix"
    dataset = Dataset(name="x", **KNOWN, listing=listing)
    assert fetch(dataset, tmp_path, "d/*", silent=True).paths[0].read_bytes() == b"sixsix"
    assert (tmp_path / "d" / "c.nwb").exists()


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "", "..\\evil"])
def test_files_outside_of_the_folder_are_refused(site, tmp_path, name):
    listed = [{"name": name, "size": 1, "download_url": f"{site.url}/f"}]
    site.content["/list"] = json.dumps({"files": listed}).encode()
    dataset = Dataset(name="x", **KNOWN, listing=Listing("figshare", f"{site.url}/list"))
    with pytest.raises(InputError, match="it lists a file with the name"):
        fetch(dataset, tmp_path, "*", silent=True)


@pytest.mark.parametrize("service", ["figshare", "dandi", "s3"])
@pytest.mark.parametrize("body", [b"", b"<html>no", b"[]", b"{}", b'{"files": 3}', b"<a><b/>"])
def test_a_list_of_another_form(site, service, body):
    path = "/?list-type=2&prefix=root%2F"
    site.content[path] = body
    dataset = Dataset(name="x", **KNOWN, listing=Listing(service, site.url + path))
    with pytest.raises(InputError, match=r"the list of files cannot be read.*from PAGE"):
        files_of(dataset)


def test_a_list_longer_than_any(site, monkeypatch):
    listing, _ = figshare(site)
    monkeypatch.setattr("popcode.io.datasets.web.MAX_ANSWER_BYTES", 10)
    with pytest.raises(InputError, match="the list of files is longer than"):
        files_of(Dataset(name="x", **KNOWN, listing=listing))


def test_the_catalogue_is_sound():
    assert len({dataset.name for dataset in CATALOGUE}) == len(CATALOGUE)
    for dataset in CATALOGUE:
        assert dataset.files or dataset.listing
        assert dataset.licence
        assert dataset.size
        assert dataset.page.startswith("https://")
        for file in dataset.files:
            assert file.url.startswith("https://")
            assert file.digest is None or file.digest.startswith(("md5:", "sha256:"))


def test_nothing_but_fetching_goes_online(monkeypatch):
    def online(*_args, **_kwargs):
        raise AssertionError("went online")

    monkeypatch.setattr(socket, "create_connection", online)
    assert find_dataset("marble-rat-ca1").files == files_of(find_dataset("marble-rat-ca1"))


def test_an_unknown_name_lists_near_ones():
    with pytest.raises(InputError, match=r"no data set 'zebrafsh'.*Near it: zebrafish-crbm"):
        find_dataset("zebrafsh")
    with pytest.raises(InputError, match=r"Near it: allen-visual-behavior"):
        find_dataset("allen")
    with pytest.raises(InputError, match=r"There are zebrafish-crbm, "):
        find_dataset("0000")


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(None, "unknown size"), (0, "0 bytes"), (1500, "1.5 kB"), (22_055_089, "22.1 MB")],
)
def test_sizes_in_words(n_bytes, text):
    assert size_text(n_bytes) == text
