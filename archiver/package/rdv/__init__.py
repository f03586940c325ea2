"""The rapporto di versamento: what one poll of one mailbox brought."""
