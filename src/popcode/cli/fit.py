"""``popcode fit``: fit a model to a recording, into a run folder."""

from __future__ import annotations

import cyclopts

from popcode.cli import fit_baselines, fit_crbm, fit_rbm

app = cyclopts.App(
    name="fit",
    help="Fit a model to a recording, into a run folder.\n\n"
    "Example: popcode fit crbm recording.npz --out run",
)
app.command(fit_crbm.crbm)
app.command(fit_rbm.rbm)
app.command(fit_baselines.independent)
app.command(fit_baselines.ising)
app.command(fit_baselines.k_pairwise)
app.command(fit_baselines.glm)
app.command(fit_baselines.nmf)
app.command(fit_baselines.pca)
app.command(fit_baselines.vae)
app.command(fit_baselines.kmeans)
