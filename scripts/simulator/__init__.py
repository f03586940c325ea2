"""A simulator of PEC: mailboxes as a certified provider would have filled them, with the truth about every message.

It is the ground truth that judges the archive, so it shares no code with it: the standard library and `cryptography`
only. Everything is a function of the arguments: same arguments, same bytes, certificates and signatures included.
Nothing that it writes has legal value, and every certificate, provider and text says so.

    cli > mailbox, truth > story > notice > variants, daticert > original > mime > world > pki > cms
"""
