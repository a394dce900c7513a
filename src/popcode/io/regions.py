"""Names of brain areas without the cortical layer, in the acronyms of the Allen mouse atlas."""

import re

import numpy as np

# Isocortex of the Allen Mouse Brain Common Coordinate Framework (CCFv3; Wang et al. 2020, Cell
# 181:936, table S2), and the entorhinal cortex. Only names known to carry a layer lose one: the
# digit of CA1 is no layer.
_CORTEX = (
    r"FRP|MO[ps]?|SSs|SSp(?:-(?:n|bfd|ll|m|ul|tr|un))?|SS|GU|VISC|AUD(?:d|p|po|v)?"
    r"|VIS(?:al|am|l|p|pl|pm|li|por|a|rl|m|lla|rll|mma|mmp)?|ACA[dv]?|PL|ILA|ORB(?:l|m|vl|d)?"
    r"|AI[dpv]?|RSP(?:agl|d|v)?|PTLp|TEa|PERI|ECT|ENT(?:l|m|mv)?"
)
_LAYER = r"(?:1|2/3|2a|2b|2|3|4/5|4|5/6|5|6a|6b|6)"
# The shell, core and intergeniculate zone of LGd; the layers of the dentate gyrus.
_PARTS = re.compile(rf"(?:({_CORTEX}){_LAYER}|(LGd)-(?:sh|co|ip)|(DG)-(?:mo|po|sg))")


def area_of(acronym: str) -> str:
    """Area of a structure: its acronym without the layer, where it names one.

    Examples
    --------
    >>> [area_of(name) for name in ("VISp2/3", "SSp-bfd6a", "LGd-sh", "CA1", "SCig")]
    ['VISp', 'SSp-bfd', 'LGd', 'CA1', 'SCig']
    """
    found = _PARTS.fullmatch(acronym)
    return acronym if found is None else next(filter(None, found.groups()))


def areas_of(acronyms: np.ndarray) -> np.ndarray:
    """`area_of` each, (n,) text."""
    names, which = np.unique(acronyms, return_inverse=True)
    return np.array([area_of(str(name)) for name in names], dtype=str)[which]
