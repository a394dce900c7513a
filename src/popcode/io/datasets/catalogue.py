"""The public data of the articles that the methods come from.

Addresses are those that the articles and their code name. Sizes, licences and hashes stand here
only where a source states them; the services that list their files state both at fetch time.
"""

from difflib import get_close_matches

from popcode.errors import InputError
from popcode.io.datasets.entries import Dataset, Listing, RemoteFile

_VAN_DER_PLAS = "van der Plas, Tubiana et al., eLife 12:e83139 (2023)"
_PACHITARIU = (
    "Pachitariu et al., A critical initialization for biological neural networks, "
    "Nature 655, 990-996 (2026)"
)
_GOSZTOLAI = "Gosztolai et al., MARBLE, Nature Methods (2025)"
_ALLEN = "Allen Institute, Visual Behavior Neuropixels"

_GIN = "https://gin.g-node.org/vdplasthijs/cRBM_zebrafish_spontaneous_data"
_DATAVERSE = "https://dataverse.harvard.edu/api/access/datafile/"
_BUCKET = "https://visual-behavior-neuropixels-data.s3.us-west-2.amazonaws.com"
_SESSIONS = "visual-behavior-neuropixels/behavior_ecephys_sessions/"
_FISH = (
    "fish1_20180706_Run04",
    "fish2_20180911_Run01",
    "fish3_20180912_Run01",
    "fish4_20180913_Run01",
    "fish5_20190109_Run04",
    "fish6_20181206_Run03",
    "fish7_20190102_Run01",
    "fish8_20181206_Run05",
)


def _zebrafish_files() -> tuple[RemoteFile, ...]:
    folder = f"{_GIN}/raw/master/neural_recordings/full_calcium_data_sets"
    return tuple(RemoteFile(f"rbm_{fish}.h5", f"{folder}/rbm_{fish}.h5") for fish in _FISH)


def _metadata_files() -> tuple[RemoteFile, ...]:
    folder = f"{_BUCKET}/visual-behavior-neuropixels/project_metadata"
    tables = ("ecephys_sessions", "behavior_sessions", "units", "probes", "channels")
    return tuple(
        RemoteFile(f"project_metadata/{table}.csv", f"{folder}/{table}.csv") for table in tables
    )


CATALOGUE: tuple[Dataset, ...] = (
    Dataset(
        name="zebrafish-crbm",
        title="8 larval zebrafish, light-sheet calcium imaging, 23,446 to 65,517 neurons each, "
        "18 to 30 min at 3.3 to 5 Hz: dF/F, deconvolved spikes, regions",
        article=_VAN_DER_PLAS,
        page=_GIN,
        licence="unknown: see the page",
        size="unknown",
        files=_zebrafish_files(),
        first="rbm_fish3_*",
        note="The first is fish 3, the example of the article. Models and the structural matrix "
        "are on the page.",
    ),
    Dataset(
        name="allen-visual-behavior",
        title="153 sessions of mice, up to 6 Neuropixels probes, about 2,000 units each, NWB",
        article=_ALLEN,
        page=f"{_BUCKET}/",
        licence="unknown: terms of use of the Allen Institute",
        size="unknown; several GB a session",
        files=_metadata_files(),
        listing=Listing("s3", f"{_BUCKET}/?list-type=2&prefix={_SESSIONS}"),
        first="ecephys_session_1053941483/*",
        note="Choose sessions by their number, as --files '*1044385384*'; the tables are "
        "--files 'project_metadata/*'.",
    ),
    Dataset(
        name="allen-visual-behavior-dandi",
        title="The same sessions on DANDI, with the recordings of local field potentials",
        article=_ALLEN,
        page="https://dandiarchive.org/dandiset/000713",
        licence="unknown: see the page",
        size="unknown; several GB a session",
        listing=Listing(
            "dandi", "https://api.dandiarchive.org/api/dandisets/000713/versions/draft/assets/"
        ),
        note="Files of local field potentials (probe) are not needed here.",
    ),
    Dataset(
        name="critical-cortex",
        title="Mouse cortex and CA1 in two-photon imaging at 22 Hz (26 sessions), and 8-probe "
        "Neuropixels recordings of 3 mice",
        article=_PACHITARIU,
        page="https://doi.org/10.25378/janelia.27854448",
        licence="unknown: see the page",
        size="about 10 GB a session",
        listing=Listing("figshare", "https://api.figshare.com/v2/articles/27854448"),
    ),
    Dataset(
        name="facemap-cortex",
        title="Mouse visual and sensorimotor cortex in two-photon imaging at 3 Hz, 16 sessions, "
        "24,708 to 84,310 neurons",
        article="Syeda et al., Facemap, Nature Neuroscience (2024); used by Pachitariu et al.",
        page="https://doi.org/10.25378/janelia.23712957",
        licence="CC BY-NC 4.0 (version 2)",
        size="about 31.8 GB the archive of visual cortex",
        listing=Listing("figshare", "https://api.figshare.com/v2/articles/23712957"),
        note="Unpack an archive (.zip) before popcode reads the recordings in it.",
    ),
    Dataset(
        name="marble-macaque",
        title="Macaque dorsal premotor cortex, centre-out reaches in 7 directions, 44 sessions of "
        "24 channels: spikes, rates, kinematics, trial numbers",
        article=f"{_GOSZTOLAI}; recordings of Pandarinath et al. (2018)",
        page="https://dataverse.harvard.edu/file.xhtml?fileId=6963157",
        licence="unknown: see the page",
        size="unknown",
        files=(
            RemoteFile("conditions_spiking_data.mat", f"{_DATAVERSE}6963157"),
            RemoteFile("kinematics.pkl", f"{_DATAVERSE}6969885"),
            RemoteFile("rate_data_20ms.pkl", f"{_DATAVERSE}6969883"),
            RemoteFile("trial_ids.pkl", f"{_DATAVERSE}6963200"),
        ),
        first="conditions_spiking_data.mat",
        note="The files that end in .pkl are pickles, which popcode does not read.",
    ),
    Dataset(
        name="marble-rat-ca1",
        title="Rat CA1 on a linear track, 4 rats, spikes in bins of 25 ms with positions",
        article=f"{_GOSZTOLAI}; recordings of Grosmark and Buzsaki (2016), CRCNS hc-11",
        page="https://dataverse.harvard.edu/file.xhtml?fileId=7609512",
        licence="unknown: see the page",
        size="22 MB",
        files=(
            RemoteFile(
                "rat_data.pkl",
                f"{_DATAVERSE}7609512",
                22_055_089,
                "sha256:29dffd951853a98615827e7b8f3507907f9e0f0ef67e875410778ab4aadd42ab",
            ),
        ),
        note="A pickle, which popcode does not read; the source is crcns.org/data-sets/hc/hc-11.",
    ),
)


def find_dataset(name: str, catalogue: tuple[Dataset, ...] = CATALOGUE) -> Dataset:
    """Give the data set of a name.

    Raises
    ------
    InputError
        No such name; near ones are listed.
    """
    by_name = {dataset.name: dataset for dataset in catalogue}
    if name in by_name:
        return by_name[name]
    near = get_close_matches(name.lower(), by_name, n=3, cutoff=0.4)
    near += [known for known in by_name if name.lower() in known and known not in near]
    said = f"Near it: {', '.join(near)}" if near else f"There are {', '.join(by_name)}"
    raise InputError(f"there is no data set {name!r}", remedy=f"{said}.")
