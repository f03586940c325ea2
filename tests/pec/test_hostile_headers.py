"""Header sections made to take long are read like any other."""

from archiver.pec import mime


def test_a_field_repeated_a_million_times_is_read_and_cut_short() -> None:
    repeated = b"a:\n" * 300_000 + b"b: last\n\n"
    headers = mime.entity(repeated).headers
    assert len(headers.fields["a"]) == mime.VALUES_LIMIT
    assert headers.first("b") == "last"
