"""The kinds of model that a run can fit, and what each does of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from popcode.cli.bernoulli_runs import BernoulliRuns
from popcode.cli.compositional_runs import CompositionalRuns
from popcode.cli.options import RunOptions

if TYPE_CHECKING:
    from pathlib import Path

    from popcode.cli.preparation import Prepared
    from popcode.cli.work import Work
    from popcode.rbm.plan import MemoryPlan
    from popcode.threads import Team


class Family(Protocol):
    """What a run needs of the kind of its model."""

    def settings(self, team: Team, options: Any, prepared: Prepared) -> Any:
        """Settings of a fit, as the estimator takes them."""

    def saved_update(self, work: Work) -> int:
        """Updates that the checkpoint has made; 0 where there is none."""

    def saved_restarts(self, checkpoint: Path) -> int:
        """Recoveries from divergence of a fit that has ended."""

    def memory(self, work: Work, n_samples: int) -> MemoryPlan:
        """Memory of the fit and of its evaluation."""

    def seconds_an_update(self, work: Work) -> float:
        """Time a few updates."""

    def updates_to_choose(self, work: Work) -> int:
        """Updates at most that answering what is "auto" takes."""

    def resolve(self, work: Work) -> Work:
        """Answer what is left at "auto", and say what is fitted."""

    def trainer(self, work: Work) -> Any:
        """The fit at its last checkpoint, or at update 0."""

    def save(self, work: Work, trainer: Any) -> None:
        """Write the checkpoint."""

    def watched(self, trainer: Any) -> dict[str, float | str]:
        """What is worth watching of the last entry of the history."""

    def finish(self, work: Work, trainer: Any) -> Any:
        """End the fit and write its history; the fitted estimator."""


_FAMILIES: dict[str, Family] = {"crbm": CompositionalRuns(), "rbm": BernoulliRuns()}


def family_of(options: RunOptions) -> Family:
    """The family of a run's options."""
    return _FAMILIES[options.model]
