"""AgID Allegato 5: one document of metadata for each message."""
