"""Readers under fire: targets, seeds, and a run of each in a process of its own; see scripts/fuzz."""
