"""The bill of materials: what is shipped, whose it is, under which licence, and by which digests it is known."""
