"""A simulator of PEC: mailboxes as a certified provider would have filled them, with the truth about every message.

It is the ground truth that judges the archive, so it shares no code with it: the standard library and `cryptography`
only. Everything is a function of the arguments: same arguments, same bytes, certificates and signatures included.
Nothing that it writes has legal value, and every certificate, provider and text says so.

    cli > serve > dovecot            what is asked for, and a real IMAP server
        > writing > mailbox, truth    messages to disk, and what is true of them
        > arrival > story             in which order, which conversations
        > matters, receiving, sending > drafting, outcomes > tale         what happens, and what it means
        > notice, rem > variants, daticert, contents > original > breve   what providers and authors write
        > mime > world > pki > cms                                        octets, people, keys
"""
