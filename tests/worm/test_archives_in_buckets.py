"""An archive in a bucket, by its commands: what `init` makes or refuses, what `doctor` looks at, who may read."""

from pathlib import Path
from secrets import token_hex

import pytest
from servers.ceph import Ceph
from support.archives import demo, folder_of, letter
from support.commands import archiver, done

STORE = """\
kind = "s3"
endpoint = "{url}"
bucket = "{bucket}"
prefix = "studio/"
checksums = "{checksums}"
lock = "{lock}"
access_key = "file:access"
secret_key = "file:secret"
"""


def archive(folder: Path, gateway: Ceph, bucket: str, **changes: str) -> Path:
    """A demonstration whose configuration names the bucket; nothing is made there yet."""
    config = demo(folder)
    (folder / "access").write_text(gateway.owner.access)
    (folder / "secret").write_text(gateway.owner.secret)
    text = config.read_text(encoding="utf-8")
    kinds = {"checksums": "compat", "lock": "governance", **changes}
    store = STORE.format(url=gateway.url, bucket=bucket, **kinds)
    config.write_text(text.replace('kind = "filesystem"\npath = "store"\n', store), encoding="utf-8")
    return config


def take_in(config: Path, folder: Path, text: str) -> None:
    done("ingest", "--from", folder_of(folder / text, letter(text)), config=config)


def keys(gateway: Ceph, bucket: str) -> list[str]:
    return [item["Key"] for item in gateway.client().list_object_versions(Bucket=bucket).get("Versions", ())]


@pytest.fixture
def bucket() -> str:
    """Of a bucket that nobody has made."""
    return f"store-{token_hex(6)}"


def test_init_says_what_it_made_and_what_the_server_does_not_do(tmp_path: Path, gateway: Ceph, bucket: str) -> None:
    config = archive(tmp_path / "a", gateway, bucket)
    made = done("init", config.parent)
    assert (made["store"], made["store_created"]) == (f"s3://{bucket}/studio/", True)
    assert any("BypassGovernanceRetention" in gap for gap in made["gaps"])
    again = archiver("--lang", "en", "init", config.parent)
    assert f"s3://{bucket}/studio/: was there already" in again.out
    assert "! s3://" in again.out
    assert "BypassGovernanceRetention" in again.out


def test_a_second_archive_is_not_made_in_the_first_ones_place(tmp_path: Path, gateway: Ceph, bucket: str) -> None:
    done("init", archive(tmp_path / "a", gateway, bucket).parent)
    said = archiver("init", archive(tmp_path / "b", gateway, bucket).parent)
    assert said.code == 2
    assert "another archive's store" in said.err


def test_doctor_tries_nothing_in_a_bucket_that_is_no_store_and_init_says_why_it_makes_none(
    tmp_path: Path, gateway: Ceph
) -> None:
    bucket, client = gateway.bucket(), gateway.client()
    client.put_object(Bucket=bucket, Key="studio/holiday.jpg", Body=b"x")
    config = archive(tmp_path / "a", gateway, bucket)
    checked = archiver("doctor", "--json", config=config)
    assert checked.code == 1
    assert any("`archiver init`" in item["text"] for item in checked.json["checks"] if item["name"] == "storage")
    said = archiver("init", config.parent)
    assert said.code == 2
    assert "holiday.jpg" in said.err
    assert "put-object" in said.err
    assert keys(gateway, bucket) == ["studio/holiday.jpg"]


def test_init_says_that_a_bucket_with_mail_is_gone_and_that_a_marker_is(
    tmp_path: Path, gateway: Ceph, bucket: str
) -> None:
    config = archive(tmp_path / "a", gateway, bucket, lock="off")
    done("init", config.parent)
    take_in(config, tmp_path, "uno")
    client = gateway.client()

    def destroy(wanted: str) -> None:
        for item in client.list_object_versions(Bucket=bucket).get("Versions", ()):
            if item["Key"].startswith(f"studio/{wanted}"):
                client.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])

    destroy(".archiver-store")
    said = archiver("init", config.parent)
    assert said.code == 2
    assert "archiver store 1" in said.err
    destroy("")
    said = archiver("init", config.parent)
    assert said.code == 2
    assert "the store is gone, and no other was made" in said.err
    assert keys(gateway, bucket) == []


def test_doctor_names_objects_without_a_lock_and_who_only_reads_needs_no_probe(
    tmp_path: Path, gateway: Ceph, bucket: str
) -> None:
    gateway.client().create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    config = archive(tmp_path / "a", gateway, bucket, lock="off")
    done("init", config.parent)
    take_in(config, tmp_path, "uno")
    config.write_text(config.read_text(encoding="utf-8").replace('lock = "off"', 'lock = "governance"'), "utf-8")
    # what was tried was another configuration: it can be read, and not written; an access would be
    assert done("status", config=config)["messages"] == 1
    assert archiver("search", config=config).code == 2
    assert any("`archiver doctor`" in alert for alert in done("status", config=config)["alerts"])
    assert f"s3://{bucket}/studio/" in archiver("verify", config=config).out
    before = keys(gateway, bucket)
    said = archiver("ingest", "--from", folder_of(tmp_path / "due", letter("due")), config=config)
    assert said.code == 2
    assert "not probed" in said.err
    assert keys(gateway, bucket) == before
    checks = done("--lang", "en", "doctor", config=config)["checks"]
    (found,) = (item for item in checks if item["name"] == "storage: locks")
    assert found["state"] == "warning"
    assert "no lock: anybody with the keys can delete it" in found["text"]
    take_in(config, tmp_path, "tre")
    looked = done("--lang", "en", "doctor", config=config)["checks"]
    promised = [item for item in looked if item["name"] == "storage: locks"]
    assert ["2 of 4" in item["text"] for item in promised] == [True]


def test_a_server_that_takes_wrong_bytes_is_not_written_to(tmp_path: Path, gateway: Ceph, bucket: str) -> None:
    config = archive(tmp_path / "a", gateway, bucket)
    done("init", config.parent)
    config.write_text(config.read_text(encoding="utf-8").replace('"compat"', '"full"'), "utf-8")
    assert archiver("doctor", config=config).code == 1
    said = archiver("ingest", "--from", folder_of(tmp_path / "uno", letter("uno")), config=config)
    assert said.code == 2
    assert "checksum: " in said.err


REPLICA = """
[[store]]
id = "copia"
country = "IT"
operator = "un altro"
write = "sync"
"""


def test_a_bucket_that_is_a_replica_is_made_probed_written_and_looked_at(
    tmp_path: Path, gateway: Ceph, bucket: str
) -> None:
    config = demo(tmp_path / "a")
    for name, key in (("access", gateway.owner.access), ("secret", gateway.owner.secret)):
        (config.parent / name).write_text(key)
    store = REPLICA + STORE.format(url=gateway.url, bucket=bucket, checksums="compat", lock="governance")
    before, mark, after = config.read_text(encoding="utf-8").partition("\n# Una tabella per casella.")
    config.write_text(before + store + mark + after, encoding="utf-8")
    take_in(config, tmp_path, "before it is there")
    made = done("init", config.parent)
    assert made["stores_created"] == {"primary": False, "copia": True}
    assert any("BypassGovernanceRetention" in gap for gap in made["gaps"])
    take_in(config, tmp_path, "together")
    there = {
        f"studio/{path.relative_to(config.parent / 'store')}" for path in (config.parent / "store").glob("h-*/**/*.*")
    }
    copied = {key for key in keys(gateway, bucket) if not key.startswith("studio/.")}
    assert copied
    assert copied < there
    found = {check["name"]: check["state"] for check in archiver("doctor", "--json", config=config).json["checks"]}
    assert found["store copia"] == "ok"
    assert found["storage copia: locks"] == "ok"
    assert {name for name in found if name.startswith("storage")} == {
        name for name in found if name.startswith("storage copia: ")
    }
