"""The rules that keep the package in one direction and in small pieces."""

import ast
import re
from pathlib import Path

import pytest

import popcode

ROOT = Path(popcode.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
# Each may import what stands left of it; what shares a place does not import each other.
METHODS = ("rbm", "dynamics", "geometry", "baselines")
ORDER: tuple[tuple[str, ...], ...] = (
    ("errors", "files", "kernels", "progress", "threads"),
    ("recording",),
    ("io",),
    ("preprocess",),
    ("simulate",),
    ("estimators",),
    METHODS,
    ("loading",),
    ("metrics",),
    ("analysis",),
    ("report",),
    ("cluster", "sweep"),
    ("cli",),
)
PLACE = {name: place for place, names in enumerate(ORDER) for name in names}
LOCAL_RANDOM = {"default_rng", "Generator", "SeedSequence", "BitGenerator", "Philox", "PCG64"}


def part(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_parts(tree):
    """Parts of popcode that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            joined = [f"popcode.{alias.name}" for alias in node.names]
            names = joined if node.module == "popcode" else [node.module or ""]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("popcode."))


def outside_imports(tree):
    """Full names of the modules that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def allowed(importer, imported):
    if importer == imported:
        return True
    if PLACE[importer] == PLACE[imported]:
        return PLACE[importer] == 0  # the floor; methods never import each other
    return PLACE[imported] < PLACE[importer]


def upward_imports(path, source):
    importer = part(path)
    return [to for to in imported_parts(ast.parse(source)) if not allowed(importer, to)]


def test_every_part_has_its_place():
    unknown = {part(path) for path in FILES} - set(PLACE) - {"__init__", "__main__"}
    assert not unknown, f"say in ORDER where these stand: {unknown}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path):
    if path.parent == ROOT and path.stem in ("__init__", "__main__"):
        return
    assert upward_imports(path, path.read_text(encoding="utf-8")) == []


def test_the_rule_catches_what_it_must():
    def caught(where, source):
        return upward_imports(ROOT / where, source)

    assert caught("io/load.py", "from popcode.rbm import load_model") == ["rbm"]
    assert caught("rbm/cpu.py", "def f():\n    import popcode.geometry.marble") == ["geometry"]
    assert caught("recording/text.py", "from popcode import cli") == ["cli"]
    assert caught("cli/fit.py", "from popcode.rbm import load_model") == []
    assert caught("files/lock.py", "from popcode.errors import InputError") == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 350


def test_only_the_report_draws():
    drawing = {
        part(path)
        for path in FILES
        for name in outside_imports(ast.parse(path.read_text(encoding="utf-8")))
        if name.split(".")[0] in ("matplotlib", "jinja2", "markupsafe")
    }
    assert drawing == {"report"}
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    assert not any("pyplot" in text or "rcParams" in text for text in texts)  # global state


def test_no_global_random_state():
    used = {
        (str(path.relative_to(ROOT)), match)
        for path in FILES
        for match in re.findall(r"\bnp\.random\.(\w+)", path.read_text(encoding="utf-8"))
    }
    assert {place for place in used if place[1] not in LOCAL_RANDOM} == set()
    texts = {path: path.read_text(encoding="utf-8") for path in FILES}
    assert [path for path, text in texts.items() if "torch.manual_seed(" in text] == []


def test_only_the_command_line_prints():
    printing = []
    for path in FILES:
        if part(path) == "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_print = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
            # To a stream that was handed in is no print of its own.
            if is_print and not any(keyword.arg == "file" for keyword in node.keywords):
                printing.append(str(path.relative_to(ROOT)))
    assert printing == []
