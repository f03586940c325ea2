"""Which questions of the catalog grow with the archive: filled tables, plans as the database tells them, a verdict."""
