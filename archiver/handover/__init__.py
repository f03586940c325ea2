"""Handing over: everything that another conservatore needs, written out; and taking over what others wrote."""

from archiver.handover.export import hand_over
from archiver.handover.takeover import Taken, Taking, is_handover, judge_handover, take_over
from archiver.handover.values import HandedOver, Handing

__all__ = ["HandedOver", "Handing", "Taken", "Taking", "hand_over", "is_handover", "judge_handover", "take_over"]
