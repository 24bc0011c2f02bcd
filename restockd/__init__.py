"""restockd: streaming retail inventory. Version and command line only; the packages beside it do the work."""

__version__ = "0.1.0"
