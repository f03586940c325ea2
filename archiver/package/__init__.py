"""What is kept: segments, rapporti di versamento, metadata, the index, records of destruction. Values in, bytes out.

For each format three modules that an auditor may read alone: `values` (what is said), `builder` (values to bytes, the
same bytes each time), `reader` (bytes to values, strict). Builder and reader do not import each other.
"""
