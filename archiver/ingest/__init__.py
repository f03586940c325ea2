"""Ingest: what comes is made safe, then noted; a power cut anywhere is healed by the next run."""

from archiver.ingest.crew import Crew
from archiver.ingest.files import hand_in
from archiver.ingest.heal import heal
from archiver.ingest.packer import Packer
from archiver.ingest.polling import poll
from archiver.ingest.values import Catalog, Intake, Report

__all__ = ["Catalog", "Crew", "Intake", "Packer", "Report", "hand_in", "heal", "poll"]
