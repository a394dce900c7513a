"""How likely the model finds bins that it has not seen, and how it came to that."""

from __future__ import annotations

from typing import Any

from popcode.report.blocks import Block, Facts, Picture, Section, Text
from popcode.report.contents import RunContents
from popcode.report.figures.canvas import drawn
from popcode.report.figures.likelihood import draw_likelihood
from popcode.report.numbers import decimal

_COLUMNS = {
    "update", "log_likelihood_train", "log_likelihood_validation", "log_partition_error",
    "chain_activity", "data_activity",
}  # fmt: skip
_CAPTION = (
    "Single states of the training on at most 2,000 bins of each part: the model itself is the "
    "mean of the last of them (with --early-stopping the best one), and the withheld bins' number "
    "above, of all of them, is therefore another and usually better. "
    "Band: one standard error of ln Z, common to both curves. Withheld bins that fall while "
    "training bins rise are overfitted: fit with --early-stopping, fewer hidden units or --l2. The "
    "chains' activity should fluctuate around that of the data."
)


def likelihood_section(contents: RunContents) -> Section:
    """Likelihood of the withheld bins, and the curves of the training."""
    title = "Likelihood"
    found = (contents.metrics or {}).get("log_likelihood") or {}
    blocks: list[Block] = [_facts(contents, found)]
    history = contents.history
    if history is None:
        blocks.append(Text(contents.missing["history"], "absent"))
    elif not history.keys() >= _COLUMNS or len(history["update"]) < 2:
        blocks.append(Text("The record of the training holds too few entries to draw.", "absent"))
    else:
        image = drawn(
            "likelihood",
            "Log-likelihood of training and withheld bins against updates",
            lambda: draw_likelihood(history, found.get("independent")),
        )
        blocks.append(Picture("The course of training", image, _CAPTION))
    return Section("likelihood", title, tuple(blocks))


def _facts(contents: RunContents, found: dict[str, Any]) -> Block:
    if contents.metrics is None:
        return Text(contents.missing["metrics"], "absent")
    if found.get("test") is None:
        return Text("No bins were held out, so their likelihood cannot be told.", "absent")
    gain = found["test"] - found["independent"]
    return Facts(
        (
            (
                "withheld bins",
                f"{decimal(found['test'])} nats a bin ± {decimal(found['standard_error'])} "
                "(standard error of ln Z, by annealing in both directions)",
            ),
            ("independent neurons", f"{decimal(found['independent'])} nats a bin"),
            (
                "gain",
                f"{decimal(gain)} nats a bin: how much better the model predicts which neurons "
                "are active together than their rates alone do",
            ),
        )
    )
