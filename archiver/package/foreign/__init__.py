"""Indexes that others made: UNI 11386 of 2020 (PIndex) in either copy, and of 2010 (IdC)."""
