"""What models are called before readers, by their names in ``popcode fit``."""

BASELINE_TITLES = {
    "independent": "independent neurons",
    "ising": "pairwise (Ising)",
    "k-pairwise": "K-pairwise",
    "glm": "GLM",
    "vae": "sparse linear VAE",
    "nmf": "NMF",
    "pca": "PCA",
    "kmeans": "k-means",
}
TITLES = {"crbm": "compositional RBM", "rbm": "Bernoulli RBM", **BASELINE_TITLES}
