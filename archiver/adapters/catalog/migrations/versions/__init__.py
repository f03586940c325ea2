"""How the tables of the catalog became what they are: one step per file, never edited once released."""
