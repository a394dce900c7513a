"""The work of ``popcode compare``: fit, judge and keep one model after the other."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from popcode.cli.console import tell
from popcode.cli.contenders import SPOKEN, Effort, fitted, unfitted
from popcode.cli.judging import bounds_told, judged
from popcode.cli.options import RunOptions
from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.cli.preparation import Prepared

_SETUP, RESULTS = "setup.json", "results"


@dataclasses.dataclass(frozen=True, kw_only=True)
class CompareOptions(RunOptions):
    """Options of ``popcode compare``."""

    n_hidden: int | Literal["auto"]

    model: ClassVar[str] = "comparison"
    option_of: ClassVar[dict[str, str]] = {
        "n_hidden": "--hidden",
        "n_updates": "--updates",
        "seed": "--seed",
    }

    def check_model(self) -> None:
        """Refuse impossible numbers, and a comparison that nothing is withheld for."""
        from popcode.estimators.arguments import check_whole
        from popcode.rbm.settings import resolve_device

        wanted = {"n_hidden": self.n_hidden, "n_updates": self.n_updates}
        check_whole(**{name: value for name, value in wanted.items() if value != "auto"})
        check_whole(least=0, seed=self.seed)
        resolve_device(self.device)
        if self.holdout == 0:
            raise InputError("--holdout is 0", remedy="Withhold some bins to judge the models on")


class Contest(NamedTuple):
    """What all models are fitted to and judged on, and where results are kept (None: nowhere)."""

    prepared: Prepared
    options: CompareOptions
    effort: Effort
    folder: Path | None


@contextlib.contextmanager
def opened(input_path: str, options: CompareOptions, folder: Path | None) -> Iterator[Contest]:
    """Read and split the input; hold the folder, and be sure that it is of this comparison.

    Raises
    ------
    InputError
        An input that cannot be read, or a folder that holds something else.
    """
    from popcode.cli.preparation import content_hash, prepare, say_warnings
    from popcode.rbm.settings import automatic_n_hidden

    prepared = prepare(input_path, options)
    say_warnings(prepared)
    n_active = int(prepared.train.activity.any(axis=0).sum())
    automatic = automatic_n_hidden(max(n_active, 1), prepared.train_bins.size)
    n_hidden = automatic if options.n_hidden == "auto" else int(options.n_hidden)
    n_updates = None if options.n_updates == "auto" else int(options.n_updates)
    effort = Effort(n_hidden, n_updates, options.seed, options.device)
    tell(
        f"input: {prepared.recording.n_bins:,} bins x {prepared.recording.n_neurons:,} neurons; "
        f"{prepared.train_bins.size:,} bins to train on, {prepared.test_bins.size:,} held out "
        f"({options.split}); {n_hidden} hidden units, components or clusters"
    )
    setup = {**options.record(), "input_hash": content_hash(prepared.recording)}
    with held(folder, json.loads(json.dumps(setup))):
        yield Contest(prepared, options, effort, folder)


@contextlib.contextmanager
def held(folder: Path | None, setup: dict[str, Any]) -> Iterator[None]:
    """Lock the folder of a comparison, and write what it is of where it is new.

    Parameters
    ----------
    folder : Path or None
        None where nothing is kept.
    setup : dict
        What its results belong to.

    Raises
    ------
    InputError
        It holds something else, or another comparison.
    """
    from popcode.files import folder_lock, write_error, write_json

    if folder is None:
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / _SETUP).exists() and any(folder.iterdir()):
            raise InputError(
                "holds files that are no comparison; nothing was changed",
                where=str(folder),
                remedy="Name an empty or a new folder",
            )
        (folder / RESULTS).mkdir(exist_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error
    with folder_lock(folder):
        if not (folder / _SETUP).exists():
            write_json(folder / _SETUP, setup)
        if _read(folder / _SETUP) != setup:
            raise InputError(
                "holds a comparison on another input or with other options; nothing was changed",
                where=str(folder),
                remedy="Name another folder, or repeat the options of the first call",
            )
        yield


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def results(contest: Contest, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Scores of every model, those that the folder holds as they are.

    A model that cannot be fitted to this recording has ``error`` instead, and the others go on.
    """
    found = {}
    for name in names:
        try:
            found[name] = _result(contest, name)
        except InputError as error:
            tell(f"note: no {SPOKEN[name]}: {' '.join(str(error).split())}")
            found[name] = {"error": error.what}
    return found


def bounds(contest: Contest) -> dict[str, Any]:
    """What independent neurons and a perfect model score."""
    train, test = contest.prepared.train.activity, _test(contest)
    return kept_result(
        contest.folder and contest.folder / RESULTS / "bounds.json",
        lambda: bounds_told(train, test, contest.options.seed),
    )


def kept_result(kept: Path | None, find: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The content of a file of results; found, and written where there is a file to write."""
    if kept and (found := _read(kept)):
        return found
    found = find()
    _keep(kept, found)
    return found


def _test(contest: Contest) -> Any:
    test = contest.prepared.test
    assert test is not None  # nothing withheld is refused
    return test.activity


def _result(contest: Contest, name: str) -> dict[str, Any]:
    """Fit and judge one model; the fit is kept before it is judged."""
    folder = contest.folder and contest.folder / RESULTS
    kept = folder and folder / f"{name}.json"
    found = _read(kept) if kept else {}
    if "reconstruction" in found:
        tell(f"{SPOKEN[name]}: as it was")
        return found
    model = _loaded(folder and folder / f"{name}.safetensors") if "seconds" in found else None
    if model is None:
        started = time.perf_counter(), time.process_time()
        model = fitted(name, unfitted(name, contest.effort), contest.prepared.train)
        found = {
            "seconds": round(time.perf_counter() - started[0], 3),
            "cpu_seconds": round(time.process_time() - started[1], 3),
            "settings": _plain(model.get_params()),
        }
        if folder:
            model.save(folder / f"{name}.safetensors")
        _keep(kept, found)
    train, seed = contest.prepared.train.activity, contest.options.seed
    found |= judged(SPOKEN[name], model, train, _test(contest), seed)
    _keep(kept, found)
    return found


def _loaded(path: Path | None) -> Any:
    from popcode.loading import load_model

    if path is None:
        return None
    try:
        return load_model(path)
    except InputError as error:
        tell(f"note: the model is fitted again: {error.what}")
        return None


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    from popcode.estimators.arguments import plain_settings

    return plain_settings(settings)


def _keep(path: Path | None, content: dict[str, Any]) -> None:
    from popcode.files import write_json

    if path is not None:
        write_json(path, content)
