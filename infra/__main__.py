"""`python -m infra` is `shouhe`."""

from infra.cli import main

main()
