"""Files of Neurodata Without Borders (NWB 2): sorted units, traces, stimuli and behaviour."""

from popcode.io.nwb.reader import NWB, is_nwb, recording_of_nwb

__all__ = ["NWB", "is_nwb", "recording_of_nwb"]
