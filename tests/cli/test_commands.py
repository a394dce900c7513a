"""What holds for every command: help, a quick start, exit codes, streams."""

import os
import resource
import subprocess
import sys
import warnings

import pytest

import popcode
from popcode.cli import console
from popcode.cli.main import app
from popcode.errors import PopcodeWarning

COMMANDS = [
    (),
    ("info",),
    ("convert",),
    ("fit",),
    ("fit", "crbm"),
    ("fit", "rbm"),
    ("fit", "independent"),
    ("fit", "ising"),
    ("fit", "k-pairwise"),
    ("fit", "glm"),
    ("fit", "nmf"),
    ("fit", "pca"),
    ("fit", "vae"),
    ("fit", "kmeans"),
    ("resume",),
    ("evaluate",),
    ("sample",),
    ("assemblies",),
    ("couplings",),
    ("connectivity",),
    ("surprise",),
    ("perturb",),
    ("memory",),
    ("spectrum",),
    ("compare",),
    ("sweep",),
    ("report",),
    ("simulate",),
    ("simulate", "areas"),
    ("simulate", "assemblies"),
    ("simulate", "family"),
    ("datasets",),
    ("datasets", "list"),
    ("datasets", "fetch"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example(cli, command):
    outcome = cli(*command, "--help")
    assert outcome.code == 0
    start = outcome.out.index("Example: popcode")
    assert " ".join(command) in outcome.out[start:].splitlines()[0]
    assert outcome.err == ""


def test_every_command_is_listed_above():
    ours = {name for name in app if not name.startswith("-")}
    tried = {command[0] for command in COMMANDS if command}
    assert ours - {"demo"} <= tried


def test_version(cli):
    assert cli("--version").out.strip() == popcode.__version__


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (("fly",), 'popcode: Unknown command "fly". Available commands:'),
        (("fit", "crbm"), 'popcode: Command "fit crbm" parameter INPUT requires an argument.'),
        (("fit", "crbm", "x.npz"), 'popcode: Command "fit crbm" parameter --out requires'),
        (("info", "x.npz", "--nope"), "popcode: Unknown option: --nope."),
        (
            ("fit", "crbm", "x.npz", "--out", "r", "--hidden", "many"),
            'popcode: Invalid value for --hidden: unable to convert "many"',
        ),
    ],
)
def test_a_mistyped_command_is_one_line_and_exit_2(cli, tokens, message):
    outcome = cli(*tokens)
    assert outcome.code == 2
    assert outcome.err.startswith(message)
    assert outcome.err.count("\n") == 1
    assert outcome.out == ""


def child_seconds(code):
    """Processor time of a fresh interpreter that runs some code; wall time depends on others."""
    subprocess.run([sys.executable, "-c", code], check=True)  # the files are in memory after this
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize(("module", "limit_s"), [("popcode", 0.3), ("popcode.cli.main", 0.5)])
def test_importing_is_quick_and_leaves_the_heavy_packages_alone(module, limit_s):
    heavy = "{'numba', 'torch', 'sklearn', 'scipy', 'pandas', 'matplotlib'}"
    code = f"import sys, {module}; assert not {heavy} & set(sys.modules), sys.modules.keys()"
    nothing = child_seconds("pass")
    assert child_seconds(code) - nothing < limit_s


PROCESS = (sys.executable, "-c", "from popcode.cli.main import main; main()")


def test_a_reader_that_goes_away_is_no_error(source):
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w") as pipe:
        done = subprocess.run(
            [*PROCESS, "info", source], stdout=pipe, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_stdout_is_one_line(source):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*PROCESS, "info", source], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr == (
        "popcode: stdout: cannot write: No space left on device. Send it elsewhere\n"
    )


def test_a_warning_is_one_line_and_said_once(capsys):
    with console.notes_as_lines():
        for _ in range(2):
            warnings.warn("the counts were cut", PopcodeWarning, stacklevel=1)
    assert capsys.readouterr().err == "note: the counts were cut\n"


def test_a_bug_keeps_its_traceback(cli, monkeypatch, source):
    def broken(*_):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("popcode.cli.info._recording_text", broken)
    with pytest.raises(ZeroDivisionError, match="ours"):
        cli("info", source)
