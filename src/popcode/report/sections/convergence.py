"""How training went."""

from __future__ import annotations

from popcode.report.blocks import Picture, Section, Text
from popcode.report.contents import RunContents
from popcode.report.figures.canvas import drawn
from popcode.report.figures.convergence import draw_convergence

_COLUMNS = {
    "update", "learning_rate", "l1", "nllh_median", "chain_activity", "data_activity",
    "weight_nonzero", "hidden_alive",
}  # fmt: skip


def convergence_section(contents: RunContents) -> Section:
    """Curves of the training record."""
    title, history = "Convergence", contents.history
    if history is None:
        return Section("convergence", title, (Text(contents.missing["history"], "absent"),))
    if not history.keys() >= _COLUMNS or len(history["update"]) < 2:
        told = Text("The record of the training holds too few entries to draw.", "absent")
        return Section("convergence", title, (told,))
    image = drawn(
        "convergence",
        "Learning rate, penalty, reconstruction, activity, weights and units against updates",
        lambda: draw_convergence(history, contents.weights.shape[1]),
    )
    caption = (
        "At the end the curves should be flat, and the activity of the Monte Carlo chains should "
        "fluctuate around that of the data. Units that die while the penalty is at its height do "
        "not come back. nLLH is that of a fixed sample of training bins; the score on held-out "
        "bins stands in the verdict."
    )
    return Section("convergence", title, (Picture("The course of training", image, caption),))
