"""The soak: an archive on real servers, for hours, with every fault; nothing may be lost or kept twice.

Objects lie on a disk, in a bucket and on another disk; mail on a Dovecot, rows in a PostgreSQL, stamps come from an
authority over HTTP, each behind a wire that fails. What is not installed is embedded. Every cycle brings new mail and
runs errands as processes of their own, while wires fail, disks fill, clocks jump, servers crash, and processes are
killed; stored objects rot before. Then all is mended, and the next full sweep must have found and repaired everything.
"""
