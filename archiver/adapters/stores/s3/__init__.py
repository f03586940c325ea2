"""A store in an S3 bucket with object lock. Importing it costs 25 MB: only where a configuration names one."""

from archiver.adapters.stores.s3.bucket import Bucket, Lock
from archiver.adapters.stores.s3.store import S3Store

__all__ = ["Bucket", "Lock", "S3Store"]
