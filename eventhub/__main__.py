"""Lets `python -m eventhub` do what the console script does, without an installation."""

from eventhub.cli import main

main()
