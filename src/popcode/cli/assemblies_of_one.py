"""What ``popcode assemblies`` tells and writes of one run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from popcode.cli.assemblies_fits import Fits

if TYPE_CHECKING:
    from popcode.analysis.dynamics import DynamicsSurvey
    from popcode.analysis.membership import MembershipSurvey

FORMAT = "popcode-assemblies"


def tell_one(fits: Fits, out: Path, left_out: tuple[str, ...], seed: int) -> None:
    """Survey one run, write the arrays and show the table.

    Raises
    ------
    InputError
        An unknown region, a file that cannot be written.
    """
    import numpy as np

    from popcode.analysis import neuron_facts
    from popcode.analysis.dynamics import survey_dynamics
    from popcode.analysis.membership import excitatory_signs, living_units, survey_membership
    from popcode.cli.assemblies_table import table_of_one
    from popcode.cli.console import show, tell

    (fit,), recording = fits
    signs, facts = excitatory_signs(fit.weights), neuron_facts(recording)
    weights, units = fit.weights * signs, np.flatnonzero(living_units(fit.weights))
    members = survey_membership(weights, facts, left_out=left_out, seed=seed)
    tell(f"dynamics of {units.size} hidden units in {recording.n_bins:,} bins")
    traces = fit.hidden[:, units] * signs[units]
    dynamics = survey_dynamics(
        traces, recording.activity, recording.segment_starts, bin_s=recording.bin_s, seed=seed
    )
    arrays = {
        "run": str(fit.run), "l1": fit.l1, "fit_seed": fit.seed, "ids": np.array(facts.ids),
        "weights": weights.astype(np.float32), "signs": signs, "units": units,
        "traces": traces.astype(np.float32), "segment_starts": recording.segment_starts,
        "bin_s": recording.bin_s,
    }  # fmt: skip
    save_arrays(out, arrays | membership_arrays(weights, members) | dynamics_arrays(dynamics))
    show(table_of_one(weights, members, dynamics))


def save_arrays(out: Path, arrays: dict[str, Any]) -> None:
    """Write arrays, whole or not at all."""
    import numpy as np

    from popcode.files import atomic_write

    with atomic_write(out) as temporary:
        np.savez_compressed(temporary, format=FORMAT, version=1, **arrays)


def membership_arrays(weights: Any, found: MembershipSurvey) -> dict[str, Any]:
    """Who belongs to which assembly and where; shapes as in `popcode.analysis.membership`."""
    import numpy as np

    from popcode.analysis.membership import members_beyond

    thresholds = found.embedding.thresholds
    members = [members_beyond(weights, threshold) for threshold in thresholds]
    arrays: dict[str, Any] = {
        "rules": np.array(["level", *(f"above {threshold:g}" for threshold in thresholds)]),
        "members": np.stack([found.member, *members]),
        "sizes": np.stack([found.overlaps.sizes, *(each.sum(axis=0) for each in members)]),
        **_fields("overlap_", found.overlaps, ("shared", "jaccard", "expected", "p_more")),
        **_fields("embedding_", found.embedding, ("thresholds", "degrees", "at_least", "shares")),
        **_fields("uniformity_", found.uniformity, found.uniformity._fields),
    }
    if found.occupancy is not None:
        arrays |= _fields("region_", found.occupancy, found.occupancy._fields)
    if found.extents is not None:
        arrays |= _fields("extent_", found.extents, found.extents._fields)
    return arrays


def dynamics_arrays(found: DynamicsSurvey) -> dict[str, Any]:
    """Courses of the units in `units`; shapes as in `popcode.analysis.dynamics`."""
    arrays = {
        **_fields("level_", found.levels, found.levels._fields),
        "level_gain_chance": found.chance,
        "bimodal": found.bimodal,
        **_fields("hidden_time_", found.hidden, found.hidden._fields),
        **_fields("neuron_time_", found.neurons, found.neurons._fields),
        **_fields("correlation_", found.correlations, found.correlations._fields),
        **_fields("ward_", found.order, ("order", "tree", "varying")),
    }
    if found.slower is not None:
        arrays |= _fields("slower_", found.slower, found.slower._fields)
    if found.components is not None:
        arrays |= _fields("component_", found.components, found.components._fields)
    return arrays


def _fields(prefix: str, found: Any, names: tuple[str, ...]) -> dict[str, Any]:
    import numpy as np

    return {f"{prefix}{name}": np.asarray(getattr(found, name)) for name in names}
