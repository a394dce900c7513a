"""Couplings by brain area: tables, shuffled labels, probes and distance."""

from popcode.analysis.areas.bootstrap import TableInterval, table_interval
from popcode.analysis.areas.distance import DistanceCurve, distance_curve
from popcode.analysis.areas.grouping import Areas, labelled, usable_areas
from popcode.analysis.areas.order import OrderTest, order_test
from popcode.analysis.areas.permutation import LabelNull, can_shuffle_within, label_null
from popcode.analysis.areas.places import Places, places_of
from popcode.analysis.areas.probes import ProbeContrast, probe_contrasts
from popcode.analysis.areas.survey import AreaSurvey, Nulls, survey_areas
from popcode.analysis.areas.tables import (
    AreaTables,
    Contrast,
    area_tables,
    average_product_corrected,
    contrast,
)

__all__ = [
    "AreaSurvey",
    "AreaTables",
    "Areas",
    "Contrast",
    "DistanceCurve",
    "LabelNull",
    "Nulls",
    "OrderTest",
    "Places",
    "ProbeContrast",
    "TableInterval",
    "area_tables",
    "average_product_corrected",
    "can_shuffle_within",
    "contrast",
    "distance_curve",
    "label_null",
    "labelled",
    "order_test",
    "places_of",
    "probe_contrasts",
    "survey_areas",
    "table_interval",
    "usable_areas",
]
