"""Faults at random moments of live calls, and what is promised of each: `make faults`, or `python -m tests.faults`."""
