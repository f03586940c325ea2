"""Figures for Prometheus: their names and meanings, and the texts and servers that show them."""

from archiver.adapters.metrics.exposition import FAMILIES, Figure, exposed, served, written

__all__ = ["FAMILIES", "Figure", "exposed", "served", "written"]
