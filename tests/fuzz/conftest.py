"""Readers under fire."""
