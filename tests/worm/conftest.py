"""Real gateways: what moto says about locks proves nothing. `ARCHIVER_TEST_CEPH20=1` adds the newer one."""

from servers.gateways import gateway, gateway20, gateway_on_disk, locking_gateway

__all__ = ["gateway", "gateway20", "gateway_on_disk", "locking_gateway"]
