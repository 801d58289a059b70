"""A private Postfix and Dovecot on loopback: their own ports, folders and settings, ended with the test."""

from __future__ import annotations

import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imap_tools import MailBoxUnencrypted

from tests.running import free_port

PASSWORD = "of-the-test"
GONE = "gone@people.example"
"""Where Postfix takes a mail and returns it a moment later."""

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = /dev/stdout
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.lab.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_dns_support_level = disabled
default_transport = error:5.4.4 nothing leaves this machine
virtual_mailbox_domains = lab.example, people.example
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
transport_maps = inline:{{ {{ {gone} = gone: }} }}
recipient_delimiter = +
smtpd_relay_restrictions = permit_mynetworks, reject
"""
MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr    unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce  unix - - n - 0 bounce
defer   unix - - n - 0 bounce
trace   unix - - n - 0 bounce
error   unix - - n - - error
retry   unix - - n - - error
lmtp    unix - - n - - lmtp
virtual unix - n n - - virtual
anvil   unix - - n - 1 anvil
proxymap unix - - n - - proxymap
tlsmgr  unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
gone    unix - n n - - pipe flags=R user=nobody argv={folder}/nobody-here
"""
DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
recipient_delimiter = +
mail_location = maildir:{folder}/mail/%n
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%n allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service stats {{
  client_limit = 100
}}
"""


@dataclass(frozen=True)
class MailServers:
    """Where they listen."""

    smtp: int
    imap: int
    folder: Path
    """Queue and mailboxes lie here."""

    def send(self, sender: str, recipient: str, content: bytes) -> None:
        """Hand a mail over, as a mail program does."""
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=20) as server:
            server.sendmail(sender, [recipient], content)

    def mails_of(self, user: str) -> list[bytes]:
        """Return what lies in somebody's mailbox."""
        with MailBoxUnencrypted("127.0.0.1", self.imap, timeout=20).login(user, PASSWORD) as box:
            return [mail.obj.as_bytes() for mail in box.fetch(mark_seen=False)]

    def wait_for_mail(self, user: str, number: int) -> list[bytes]:
        """Wait until so many mails lie there."""
        for _ in range(200):
            found = self.mails_of(user)
            if len(found) >= number:
                return found
            time.sleep(0.1)
        raise AssertionError(f"{user} has no {number} mails")


@contextmanager
def mail_servers(main: str = "", master: str = "") -> Iterator[MailServers]:
    """Run both, with more lines for main.cf and master.cf; a mailbox comes into being with its first mail."""
    folder = Path(tempfile.mkdtemp(prefix="eventhub-mail-"))
    folder.chmod(0o755)
    ports = {name: free_port() for name in ("smtp", "imap", "lmtp")}
    try:
        with _postfix(folder, ports, main, master), _dovecot(folder, ports):
            servers = MailServers(ports["smtp"], ports["imap"], folder)
            _wait(servers)
            yield servers
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _postfix(folder: Path, ports: dict[str, int], main: str, master: str) -> Iterator[None]:
    settings = folder / "postfix"
    for name in ("postfix", "spool", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    script = folder / "nobody-here"
    script.write_text("#!/bin/sh\nexit 67\n")  # EX_NOUSER of sysexits.h
    script.chmod(0o755)
    (settings / "main.cf").write_text(MAIN.format(folder=folder, gone=GONE, **ports) + main)
    (settings / "master.cf").write_text(MASTER.format(folder=folder, **ports) + master)
    with _running(folder / "postfix.log", "/usr/sbin/postfix", "-c", str(settings), "start-fg"):
        try:
            yield
        finally:  # the command is only the parent of the master, which would live on
            stop = ("/usr/sbin/postfix", "-c", str(settings), "stop")
            subprocess.run(stop, check=False, capture_output=True, timeout=30)


@contextmanager
def _dovecot(folder: Path, ports: dict[str, int]) -> Iterator[None]:
    nobody = pwd.getpwnam("nobody")
    (folder / "mail").mkdir()
    os.chown(folder / "mail", nobody.pw_uid, nobody.pw_gid)
    path = folder / "dovecot.conf"
    path.write_text(
        DOVECOT.format(folder=folder, password=PASSWORD, uid=nobody.pw_uid, gid=nobody.pw_gid, **ports)
    )
    with _running(folder / "dovecot.out", "/usr/sbin/dovecot", "-F", "-c", str(path)):
        yield


@contextmanager
def _running(log: Path, *command: str) -> Iterator[None]:
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)


def _wait(servers: MailServers) -> None:
    for _ in range(100):
        try:
            smtplib.SMTP("127.0.0.1", servers.smtp, timeout=5).quit()
            servers.mails_of("replies")
        except (OSError, smtplib.SMTPException):
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the mail servers do not start")
