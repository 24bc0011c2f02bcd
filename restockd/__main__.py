"""Entry point of ``restockd`` and ``python -m restockd``."""

import sys

from restockd.paths import put_packages_on_path


def main() -> None:
    """Run the command line and exit with its code."""
    put_packages_on_path()
    from restockd.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
