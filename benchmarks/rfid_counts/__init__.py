"""How well a walk with a handheld reader counts: real walks past a known number of tags.

``python -m benchmarks.rfid_counts --data DIR --json`` reads every Parquet file of the folder that has the columns
of Detego's walks, and estimates each walk's number of tags after one, two and three passes. The estimator may
learn from all other walks, never from the one it counts.
"""
