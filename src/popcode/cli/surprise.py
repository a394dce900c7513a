"""``popcode surprise``: how unlikely the model of a run finds every bin of its recording."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from popcode.cli.console import show, tell
from popcode.cli.outputs import check_output
from popcode.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from popcode.analysis.surprise import BinSurprise
    from popcode.cli.preparation import Prepared

_COLUMNS = ("bin", "time_s", "segment", "part", "nats", "percentile")
_TAILS = (95, 99)


def surprise(
    run: Annotated[Path, Parameter(name="RUN")],
    /,
    *,
    out: Path,
    samples: int = 30_000,
    seed: int = 0,
    force: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Write -ln P of every bin of the recording, and where it stands among the model's samples.

    Example: popcode surprise run --out surprise.csv

    A row a bin: bin, time_s (absolute where the input knows it, else from the first bin; empty
    where the bin width is unknown), segment, part (train or test), nats, and percentile: how many
    of a hundred samples of the model surprise less, half of those that surprise the same counted
    in (all silent bins are one such tie).

    Parameters
    ----------
    run : Path
        Folder of a run of popcode fit rbm whose training is over; its input must be there.
    out : Path
        File to make (.csv).
    samples : int
        Samples of the model behind the percentiles.
    seed : int
        Of the samples.
    force : bool
        Replace the file where it is there.
    """
    from popcode.analysis.surprise import surprise_of_bins
    from popcode.cli.models import input_of, model_of
    from popcode.files import write_text

    check_output(out, force, (".csv",))
    _check(samples, seed)
    model: Any = model_of(run)
    if not hasattr(model, "log_partition"):
        raise InputError(
            f"a {type(model).__name__} has no likelihood",
            where=str(run),
            remedy="Fit a Bernoulli RBM: popcode fit rbm",
        )
    prepared = input_of(run)
    tell(f"surprise of {prepared.recording.n_bins:,} bins among {samples:,} samples of the model")
    found = surprise_of_bins(model, prepared.recording, samples, seed)
    write_text(out, _as_csv(prepared, found))
    show(_summary(prepared, found))
    show(str(out))


def _check(samples: int, seed: int) -> None:
    if samples < 100:
        raise InputError(f"--samples is {samples}", remedy="It must be at least 100")
    if not 0 <= seed < 2**63:
        raise InputError(f"--seed is {seed}", remedy="It must be from 0 to 2**63 - 1")


def _is_test(prepared: Prepared) -> NDArray[np.bool_]:
    import numpy as np

    held_out = np.zeros(prepared.recording.n_bins, bool)
    held_out[prepared.test_bins] = True
    return held_out


def _times(prepared: Prepared) -> NDArray[np.float64]:
    """Seconds of every bin, nan where they are unknown, (n_bins,)."""
    import numpy as np

    from popcode.recording.segments import start_times_after_selection

    recording = prepared.recording
    bins = np.arange(recording.n_bins)
    if recording.segment_start_s is None:
        return np.asarray(bins * recording.bin_s, np.float64)
    starts = recording.segment_starts, recording.segment_start_s
    times = start_times_after_selection(*starts, recording.bin_s, bins)
    return np.asarray(times, np.float64)


def _as_csv(prepared: Prepared, found: BinSurprise) -> str:
    import numpy as np

    from popcode.recording.segments import segment_of_bins

    bins = np.arange(prepared.recording.n_bins)
    columns = (
        bins,
        ("" if np.isnan(time) else f"{time:.4f}" for time in _times(prepared)),
        segment_of_bins(prepared.recording.segment_starts, bins),
        np.where(_is_test(prepared), "test", "train"),
        (f"{nats:.4f}" for nats in found.nats),
        (f"{percentile:.3f}" for percentile in found.percentile),
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue()


def _summary(prepared: Prepared, found: BinSurprise) -> str:
    """Mean surprise and tails of the parts, and the bin that surprises most."""
    held_out = _is_test(prepared)
    lines = []
    for part, chosen in (("train", ~held_out), ("test", held_out)):
        if not chosen.any():
            continue
        shares = (float((found.percentile[chosen] > tail).mean()) for tail in _TAILS)
        tails = ", ".join(
            f"{share:.2%} ({100 - tail} % expected) beyond the {tail}th"
            for tail, share in zip(_TAILS, shares, strict=True)
        )
        lines.append(
            f"{part + ':':<7}{found.nats[chosen].mean():.3f} nats a bin (ln Z ± "
            f"{found.standard_error:.2g}); {tails} percentile of the model's samples"
        )
    most = int(found.nats.argmax())
    return "\n".join([*lines, f"most:  bin {most:,}, {found.nats[most]:.1f} nats"])
