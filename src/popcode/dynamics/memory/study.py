"""A study of memory: which networks are tried in which tasks, piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from popcode.dynamics.memory.echo import echo_network
from popcode.dynamics.memory.network import MemoryNetwork
from popcode.dynamics.memory.nonsymmetric import nonsymmetric_network
from popcode.dynamics.memory.protocol import Protocol, published_protocol
from popcode.dynamics.memory.symmetric import MODES_AT_ONCE, symmetric_modes
from popcode.dynamics.memory.tasks import TASKS, Curves, memory_curves, memory_expected
from popcode.dynamics.presets import NATURE, PREPRINT, Preset
from popcode.threads import Team

PRESETS: dict[str, Preset] = {"nature": NATURE, "preprint": PREPRINT}
NETWORKS = ("symmetric", "nonsymmetric", "echo")
# Networks that need a matrix, and the symmetric one beside them: the same size for all.
MOST_NEURONS_OF_A_MATRIX = 2000


class Member(NamedTuple):
    """Networks of one kind and size.

    Attributes
    ----------
    kind : {"symmetric", "nonsymmetric", "echo"}
    n_neurons : int
    """

    kind: str
    n_neurons: int

    @property
    def name(self) -> str:
        """Kind and size."""
        return f"{self.kind}-{self.n_neurons}"


class Piece(NamedTuple):
    """One network in one task.

    Attributes
    ----------
    member : Member
    seed : int
    task : str
    is_ceiling : bool
        Whether it is run without noise.
    """

    member: Member
    seed: int
    task: str
    is_ceiling: bool

    @property
    def name(self) -> str:
        """All that tells it from others of a study."""
        ceiling = "-noiseless" if self.is_ceiling else ""
        return f"{self.member.name}-{self.task}-{self.seed}{ceiling}"


def members_of(kinds: Sequence[str], n_neurons: int) -> list[Member]:
    """Networks of a comparison: a large symmetric one, and all at a size that has matrices.

    Parameters
    ----------
    kinds : sequence of str
    n_neurons : int
        Of the symmetric network; the others have at most 2,000, and so has then a second
        symmetric one, for a comparison of equals.
    """
    small = min(n_neurons, MOST_NEURONS_OF_A_MATRIX)
    members = [Member("symmetric", n_neurons)] if "symmetric" in kinds else []
    others = [kind for kind in NETWORKS[1:] if kind in kinds]
    if members and others and small < n_neurons:
        members.append(Member("symmetric", small))
    return members + [Member(kind, small) for kind in others]


def pieces_of(members: Sequence[Member], tasks: Sequence[str], seeds: Sequence[int]) -> list[Piece]:
    """All pieces, network by network; without noise for the first seed alone."""
    return [
        Piece(member, seed, task, is_ceiling)
        for seed in seeds
        for member in members
        for task in tasks
        for is_ceiling in ((False, True) if seed == seeds[0] else (False,))
    ]


def protocol_of(preset: Preset, task: str) -> Protocol:
    """The protocol of a task with the time constants of a preset."""
    return published_protocol(preset, TASKS[task].interval_s, TASKS[task].n_stimuli)


def network_of(member: Member, preset: Preset, seed: int) -> MemoryNetwork:
    """Draw a network; it serves all tasks."""
    if member.kind == "symmetric":
        return symmetric_modes(member.n_neurons, preset.radius, seed)
    protocol = protocol_of(preset, "binary")
    draw = nonsymmetric_network if member.kind == "nonsymmetric" else echo_network
    return draw(member.n_neurons, preset.radius, protocol, seed)


def run_piece(team: Team, network: MemoryNetwork, piece: Piece, preset: Preset) -> Curves:
    """Curves of one network in one task."""
    protocol = protocol_of(preset, piece.task)
    if piece.is_ceiling:
        protocol = protocol.silent()
    return memory_curves(team, network, TASKS[piece.task], protocol, piece.seed)


def bytes_expected(pieces: Sequence[Piece], preset: Preset) -> int:
    """Memory that the largest piece takes."""

    def of(piece: Piece) -> int:
        member = piece.member
        at_once = MODES_AT_ONCE if member.kind == "symmetric" else member.n_neurons
        matrices = 0 if member.kind == "symmetric" else 12 * 8 * member.n_neurons**2
        return matrices + memory_expected(protocol_of(preset, piece.task), at_once)

    return max(map(of, pieces))


def operations_expected(piece: Piece, preset: Preset) -> float:
    """Floating-point operations of a piece, as of large matrix products."""
    protocol, n = protocol_of(preset, piece.task), float(piece.member.n_neurons)
    n_points, n_trials = 2.0 * protocol.n_delays, float(protocol.n_trials)
    compared = n_points * n_trials**2 * (n + 2)
    decoded = n_points * 2.5 * n_trials**3 * TASKS[piece.task].is_zero_shot
    blocks = n_trials * protocol.n_blocks
    drawn = blocks * n * {"symmetric": 1000.0, "nonsymmetric": 10 * n}.get(piece.member.kind, 0.0)
    stepped = blocks * protocol.block_steps * n * (0.8 * n + 800) * (piece.member.kind == "echo")
    return compared + decoded + drawn + stepped
