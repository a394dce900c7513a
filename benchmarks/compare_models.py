"""Every baseline beside both RBMs on three recordings, by ``popcode compare``; writes a page.

    python benchmarks/compare_models.py --cache FOLDER [--updates 5000] [--page docs/comparison.md]

The folder keeps finished models: a second call goes on where the first one ended. Beside every
score stand independent neurons (an empty model) and training bins drawn anew (a perfect one).
"""

import argparse
import json
from pathlib import Path

from popcode.cli import main
from popcode.cli.contenders import NAMES

DATA = "../shared/data"
RECORDINGS = {
    "retina_salamander": "160 retinal ganglion cells of the salamander",
    "neuropixels_mouse": "734 units of a Neuropixels recording of the mouse",
    "synthetic_assemblies": "1,000 simulated neurons in 25 planted assemblies",
}
STATISTICS = {
    "mean_activity": "⟨v⟩",
    "mean_hidden": "⟨h⟩",
    "neuron_hidden": "⟨vh⟩",
    "neuron_neuron": "⟨vv⟩",
    "hidden_hidden": "⟨hh⟩",
}
HEAD = """# Models of every kind on the same bins

Made by `python benchmarks/compare_models.py` with popcode {version}; each table is what
`popcode compare RECORDING --out FOLDER` prints and draws.

* **withheld**: every neuron once withheld with a random quarter of all neurons, and predicted from
  the other three quarters of the same bin, in bits a spike beyond its training rate; 95 % over
  blocks of time. **if calibrated**: what the predictions would score were they true; far above the
  score is a model that took few training bins at their word. **others**: each neuron from all
  others, exactly, where a model has that law.
* **nLLH**: median over neurons of the normalised log-likelihood of the reconstruction, 1 is all of
  it. \\* a prediction without the neuron's own activity, which can only be lower: compare models
  with the star among themselves.
* **log-lik.**: nats a bin beyond independent neurons, on the held-out bins.
* **⟨v⟩ … ⟨hh⟩**: scores of samples against the held-out bins: 1 as close as the training bins, 0 as
  close as shuffled ones. A score of covariances alone flatters models whose covariances are all
  near zero: read their correlation **r** and **slope** beside it. **triplets**: correlation of
  third moments. **KL**: divergence of the held-out P(K) from the model's, nats.
* **seconds** are of the fit on a shared two-core machine that had other work to do; **CPU s** are
  of all threads together and depend less on that.

All models that have hidden units, components or clusters have the same number of them. One split
and one seed a recording: differences within the interval say nothing. GLM, PCA and NMF are no laws
over activity and do not generate. How to read a row: a model of the whole population should predict
withheld neurons (a positive score near its calibrated one), and its samples should have the
recording's covariances (r and slope near those of *perfect*) and P(K). Where bins are few for the
weights (the mouse: 3,192 bins for 59,000 weights) the RBMs take chance for structure: their score
*if calibrated* is then far above the one they get, and a regression with a chosen penalty (GLM) or
a sparse decoder (VAE) predicts withheld neurons better, though its samples, where it has any, are
worse.
"""


def table(columns: list[str], rows: list[list[str]]) -> list[str]:
    rule = ["---", *["---:"] * (len(columns) - 1)]
    return ["| " + " | ".join(cells) + " |" for cells in (columns, rule, *rows)]


def number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{round(value, digits) + 0.0:.{digits}f}"


def predictions(found: dict) -> list[str]:
    rows = []
    for each in found["models"].values():
        if "error" in each:
            rows.append([each["title"], f"not fitted: {each['error']}", *["–"] * 7])
            continue
        withheld, single, own = (each[k] for k in ("co_smoothing", "single", "log_likelihood"))
        interval = f"{number(withheld['low'])} to {number(withheld['high'])}"
        gain = None if own is None else own["test"] - found["independent_log_likelihood"]
        rows.append([
            each["title"],
            f"{each['n_parameters']:,}",
            f"{each['seconds']:.1f}",
            f"{each['cpu_seconds']:.1f}",
            f"{number(withheld['bits_per_spike'])} ({interval})",
            number(withheld["bits_expected"]),
            number(single and single["bits_per_spike"]),
            number(each["reconstruction"]["nllh_median"]) + ("" if each["sees_itself"] else "\\*"),
            number(gain),
        ])  # fmt: skip
    certain = number(found["bounds"]["bits_certain"])
    rows.append(["*every state known*", "", "", "", certain, "–", "–", "1.000", "–"])
    costs, scores = ["numbers", "seconds", "CPU s"], ["others", "nLLH", "log-lik."]
    columns = ["", *costs, "withheld (95 %)", "if calibrated", *scores]
    return table(columns, rows)


def generations(found: dict) -> list[str]:
    rated = {
        each["title"]: each["generation"]
        for each in found["models"].values()
        if each.get("generation") is not None
    }
    rated |= {f"*{name}*": found["bounds"][name] for name in ("independent", "perfect")}
    rows = []
    for title, each in rated.items():
        pairs = each["statistics"]["neuron_neuron"]
        rows.append([
            title,
            *(number(each["statistics"][name]["score"]) for name in STATISTICS),
            number(pairs["pearson"]),
            number(pairs["slope"]),
            number(each["triplets"]["pearson"]),
            number(each["population_activity"]["kl"], 4),
        ])  # fmt: skip
    return table(["", *STATISTICS.values(), "vv r", "slope", "triplets", "KL"], rows)


def fitted(found: dict) -> list[dict]:
    return [each for each in found["models"].values() if "error" not in each]


def winners(found: dict) -> str:
    """Which models are best at what, and which are too sure of few bins."""
    models = fitted(found)

    def best(of, unit: str, lowest: bool = False) -> str:
        known = [(of(each), each["title"]) for each in models if of(each) is not None]
        value, title = (min if lowest else max)(known)
        return f"{title} ({number(value)} {unit})"

    def gain(each: dict) -> float | None:
        own = each["log_likelihood"]
        return None if own is None else own["test"] - found["independent_log_likelihood"]

    def distance(each: dict) -> float | None:
        return each["generation"] and each["generation"]["population_activity"]["kl"]

    first = max(models, key=lambda each: each["co_smoothing"]["bits_per_spike"])
    least = first["co_smoothing"]["low"]
    alike = [
        each["title"]
        for each in models
        if each is not first and each["co_smoothing"]["high"] > least
    ]
    sure = [
        each["title"]
        for each in models
        if each["co_smoothing"]["bits_expected"] > 2 * max(each["co_smoothing"]["high"], 0.05)
    ]
    told = (
        f"Best at withheld neurons: {best(lambda m: m['co_smoothing']['bits_per_spike'], 'bits')}"
        f"{', intervals overlap with ' + ', '.join(alike) if alike else ''}; "
        f"in likelihood, of those that have one: {best(gain, 'nats')}; samples nearest in P(K): "
        f"{best(distance, 'nats', lowest=True)}."
    )
    return told + (f" Far too sure of withheld neurons: {', '.join(sure)}." if sure else "")


def missing(found: dict, wanted: list[str]) -> list[str]:
    absent = [name for name in wanted if name not in found["models"]]
    return [f"Not fitted yet: {', '.join(absent)}.", ""] if absent else []


def updates_text(n_updates: int | None) -> str:
    if n_updates is None:
        return "every model's own default of updates"
    return (
        f"{n_updates:,} updates of both RBMs and of the VAE, fewer than by default, so that their "
        "figures are not final"
    )


def section(name: str, found: dict) -> list[str]:
    protocol = found["protocol"]
    return [
        f"## {name}",
        "",
        f"{RECORDINGS[name]}: {protocol['n_train_bins']:,} training bins, "
        f"{protocol['n_test_bins']:,} held out ({protocol['split']}); {protocol['n_hidden']} "
        f"hidden units, components or clusters; {updates_text(protocol['n_updates'])}; "
        f"{protocol['n_samples']:,} samples a model.",
        "",
        winners(found),
        "",
        *missing(found, list(NAMES)),
        *predictions(found),
        "",
        *generations(found),
        "",
    ]


def main_() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="where finished models are kept")
    parser.add_argument("--data", default=DATA)
    parser.add_argument("--updates", help="of both RBMs and of the VAE; their defaults by default")
    parser.add_argument("--models", help="as of popcode compare; all by default")
    parser.add_argument("--recordings", default=",".join(RECORDINGS))
    parser.add_argument("--page", type=Path, help="the page to write; printed without")
    options = parser.parse_args()
    lines: list[str] = []
    for name in options.recordings.split(","):
        command = ["compare", f"{options.data}/{name}.npz", "--out", str(options.cache / name)]
        command += ["--updates", options.updates] if options.updates else []
        command += ["--models", options.models] if options.models else []
        if main.run(command) != 0:
            raise SystemExit(1)
        found = json.loads((options.cache / name / "comparison.json").read_text(encoding="utf-8"))
        lines += section(name, found)
    page = HEAD.format(version=found["popcode"]) + "\n" + "\n".join(lines)
    if options.page:
        options.page.parent.mkdir(exist_ok=True)
        options.page.write_text(page, encoding="utf-8")
    else:
        print(page)


if __name__ == "__main__":
    main_()
