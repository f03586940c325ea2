"""Lists of revocations and answers about certificates, over HTTP, from wherever a CA says that they are."""

from archiver.adapters.revocation.http import HttpRevocation

__all__ = ["HttpRevocation"]
