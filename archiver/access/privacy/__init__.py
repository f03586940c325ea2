"""What the GDPR asks of an archive: the data of one person (art. 15), the register of processing (art. 30)."""
