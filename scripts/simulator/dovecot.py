"""A throwaway Dovecot on free ports of 127.0.0.1: a real IMAP server, with whatever messages its folder holds.

Every user may log in with the same password; mail lies in Maildirs, folders as Maildir++ (`.Name`), names in
modified UTF-7. It runs in the foreground as a child of whoever starts it, and ends with it.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

PASSWORD = "pw"
ADDRESS = "127.0.0.1"
ROOT_OWNER = 65534
"""As whom mail is kept when root starts the server: it refuses to serve root's own."""

_CONFIGURATION = """\
base_dir = {run}
state_dir = {run}
log_path = {home}/dovecot.log
protocols = imap
listen = {address}
mail_location = maildir:{home}/mail/%u:INDEX={home}/index/%u
first_valid_uid = 1
first_valid_gid = 0
ssl = yes
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = yes
auth_mechanisms = plain{mechanisms}
auth_failure_delay = 0
{privileges}
protocol imap {{
  mail_max_userip_connections = 100
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    special_use = \\Drafts
  }}
  mailbox Junk {{
    special_use = \\Junk
  }}
  mailbox Trash {{
    special_use = \\Trash
  }}
}}
service imap-login {{
  process_min_avail = 1
  {login}
  inet_listener imap {{
    port = {starttls}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""

_AS_USER = """\
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service anvil {{
  chroot =
}}"""


def installed() -> bool:
    """Whether this machine has a Dovecot."""
    return _program() is not None


@dataclass(slots=True)
class Dovecot:
    """The server whose files lie in `home`. `tls` and `starttls` are its ports, the same from start to start."""

    home: Path
    tls: int = 0
    starttls: int = 0
    extra: str = ""
    """More lines of configuration."""
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.home = self.home.resolve()
        for name in ("run", "mail", "index"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        self.tls, self.starttls = self.tls or _free_port(), self.starttls or _free_port()
        if not self.ca.exists():
            _certificate(self.home)

    @property
    def ca(self) -> Path:
        """The certificate that its clients must trust; it names localhost and 127.0.0.1."""
        return self.home / "cert.pem"

    def maildir(self, user: str, folder: str = "INBOX") -> Path:
        """The Maildir of one folder (`/` between levels), made when it is not there. Write `cur/` while it is down."""
        base = self.home / "mail" / user
        path = base if folder == "INBOX" else base / ("." + _utf7(folder).replace("/", "."))
        for name in ("cur", "new", "tmp"):
            (path / name).mkdir(parents=True, exist_ok=True)
        if path != base:
            (path / "maildirfolder").touch()
        return path

    def new_validity(self, user: str, folder: str = "INBOX") -> None:
        """Makes the server forget the UIDs of a folder (while it is down): UIDVALIDITY changes at the next start."""
        for name in ("dovecot-uidlist", "dovecot-uidvalidity"):
            (self.maildir(user, folder) / name).unlink(missing_ok=True)
        for path in self.maildir(user).glob("dovecot-uidvalidity*"):
            path.unlink()
        shutil.rmtree(self.home / "index" / user, ignore_errors=True)

    def start(self) -> "Dovecot":
        """Starts it and waits until it answers. Raises RuntimeError with its log when it does not."""
        program = _program()
        if program is None:
            raise RuntimeError("dovecot is not installed (Debian: apt-get install dovecot-imapd)")
        root = os.geteuid() == 0
        (self.home / "dovecot.conf").write_text(
            _CONFIGURATION.format(
                home=self.home, run=self.home / "run", address=ADDRESS, password=PASSWORD,
                uid=ROOT_OWNER if root else os.geteuid(), gid=ROOT_OWNER if root else os.getegid(),
                tls=self.tls, starttls=self.starttls, privileges="" if root else _unprivileged(),
                login="" if root else "chroot =", mechanisms="",
            )
            + self.extra
        )  # fmt: skip
        if root:
            _hand_over(self.home)
        self._process = subprocess.Popen(
            [*_tied(), program, "-F", "-c", str(self.home / "dovecot.conf")],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self._wait()
        return self

    def stop(self) -> None:
        """Ends it, and every connection with it."""
        if self._process:
            self._process.terminate()
            self._process.communicate(timeout=20)
            self._process = None

    def __enter__(self) -> "Dovecot":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def log(self) -> str:
        """What it has written."""
        path = self.home / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _wait(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self._process and self._process.poll() is not None:
                break
            try:
                with socket.create_connection((ADDRESS, self.starttls), timeout=5) as connection:
                    if connection.recv(4) == b"* OK":
                        return
            except OSError:
                time.sleep(0.05)
        code = self._process.poll() if self._process else None
        self.stop()
        raise RuntimeError(f"dovecot did not start (exit {code}): {self.log()[-2000:]}")


def _program() -> str | None:
    return shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def _tied() -> list[str]:
    """What makes a server end when whoever started it is killed."""
    return ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((ADDRESS, 0))
        return int(listener.getsockname()[1])


def _certificate(home: Path) -> None:
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(home / "key.pem"), "-out", str(home / "cert.pem")]
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)


def _unprivileged() -> str:
    import grp
    import pwd

    return _AS_USER.format(user=pwd.getpwuid(os.geteuid()).pw_name, group=grp.getgrgid(os.getegid()).gr_name)


def _hand_over(home: Path) -> None:
    """Gives the mail to the owner that the server serves it as, and lets it reach the folder."""
    for folder in (home, *home.parents):
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o001 and len(folder.parts) > 2:
            folder.chmod(folder.stat().st_mode | 0o011)
    for top in ("mail", "index"):
        command = ["chown", "-R", f"{ROOT_OWNER}:{ROOT_OWNER}", str(home / top)]
        subprocess.run(command, check=True, capture_output=True)


def _utf7(name: str) -> str:
    """Modified UTF-7 (RFC 3501, 5.1.3)."""
    import binascii

    def shifted(match: "re.Match[str]") -> str:
        coded = binascii.b2a_base64(match[0].encode("utf-16-be"), newline=False).decode().rstrip("=")
        return "&" + coded.replace("/", ",") + "-"

    return re.sub(r"[^\x20-\x7e]+", shifted, name.replace("&", "&-"))
