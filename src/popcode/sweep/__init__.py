"""Many fits of one recording: which hidden units and penalty to take, on one machine or many.

The parts are imported one by one: the process of a trial needs neither Dask nor Optuna.
"""
