"""Tests of privacy look from both sides: the participant's and the organiser's."""

from tests.desk.conftest import desk

__all__ = ["desk"]
