"""Servers that have a gap and servers that have not, each probed once for all tests."""

from servers.gateways import gateway, gateway20, imitation, locking_gateway

__all__ = ["gateway", "gateway20", "imitation", "locking_gateway"]
