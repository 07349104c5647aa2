"""Verbs of calls, by noun: admission (may it start), claims (who holds it), record (what was said), endings."""
