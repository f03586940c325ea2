"""Where the objects lie: one module per kind of store, one contract suite for all of them."""
