"""The index of a volume: PIndex, UNI 11386:2020 (SInCRO)."""
