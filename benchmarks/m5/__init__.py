"""Accuracy and speed of the panel forecaster on the M5 data: 30,490 series, twelve levels."""
