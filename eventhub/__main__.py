"""`python -m eventhub` is the `eventhub` command."""

from eventhub.cli import main

main()
