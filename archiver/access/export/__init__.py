"""The auditor's export: all messages of a question, in parts that prove themselves, with the list of what is missing.

Whoever makes one goes four steps: `asked` says what is wanted, `chosen` finds it segment by segment, `plan` cuts it
into parts, and each part is an exhibit of its own (`archiver.access.exhibit`) or, as ASiC-E, a container of one volume.
`consistency`, `statistics` and `sample` say what was found.
"""
