"""eventhub: publish an agenda, register people, put the meeting into their calendars."""

__version__ = "0.1.0"
