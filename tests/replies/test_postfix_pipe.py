"""The lines for Postfix in docs/operating.md, in a real Postfix: answers come in without a mailbox."""

from __future__ import annotations

import pwd
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Settings
from eventhub.extensions import db
from eventhub.mail import delivery
from eventhub.replies.jobs import work_off_received
from eventhub.replies.models import Answer, Outcome, ReceivedMail
from tests.conftest import FrozenClock
from tests.needs import LEFT_OUT, ROOT, SYSTEM_PYTHON
from tests.registration.samples import add_edition, signed_up
from tests.replies.answering import Post, organizer_of, reply_to
from tests.replies.mail_servers import MailServers, mail_servers

KIM = "kim@people.example"
USER = "nobody"
PAGE = ROOT / "docs" / "operating.md"
SOON = "queue_run_delay = 1s\nminimal_backoff_time = 1s\nmaximal_backoff_time = 2s\n"
"""How often Postfix looks at what it has put off; minutes in real life."""
NOWHERE = "postgresql+psycopg://postgres@127.0.0.1:1/nothing"

pytestmark = [pytest.mark.slow, pytest.mark.mail_servers, pytest.mark.postgres]


def documented(place: str) -> str:
    """Return the lines that the page shows for a file of Postfix."""
    found = re.search(rf"`{place}`.*?\n```\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, place
    return found[1]


def python_for_everybody() -> str:
    """Return a Python that runs our code without being root, which Postfix refuses."""
    for python in (sys.executable, SYSTEM_PYTHON):
        ask = f"import sys; raise SystemExit(sys.version_info[:2] != {sys.version_info[:2]})"
        try:
            done = subprocess.run(
                [python, "-c", ask], user=USER, cwd="/", capture_output=True, check=False, env={}
            )
        except OSError:
            continue
        if done.returncode == 0:
            return python
    pytest.skip(f"{LEFT_OUT}no Python that others than root may run")


@pytest.fixture
def home() -> Iterator[Path]:
    """Make a folder in the place of /srv/eventhub."""
    folder = Path(tempfile.mkdtemp(prefix="eventhub-pipe-"))
    folder.chmod(0o755)
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / "instance").mkdir()
    shutil.chown(folder / "instance", USER)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def servers(home: Path) -> Iterator[MailServers]:
    main = documented("/etc/postfix/main.cf").replace("/etc/postfix", str(home))
    main += SOON
    master = documented("/etc/postfix/master.cf").replace("/srv/eventhub", str(home))
    assert master.count("user=eventhub") == 1
    (home / "transport").write_text(
        documented("/etc/postfix/transport").replace("replies@example.org", "replies@lab.example")
    )
    (home / "main.cf").touch()  # the machine's own Postfix need not be set up
    subprocess.run(["/usr/sbin/postmap", "-c", home, home / "transport"], check=True)
    with mail_servers(main, master.replace("user=eventhub", f"user={pwd.getpwnam(USER).pw_name}")) as running:
        yield running


@pytest.fixture
def settings(settings: Settings, servers: MailServers) -> Settings:
    return replace(settings, mail_server="127.0.0.1", mail_port=servers.smtp)


def install(home: Path, settings: Settings, database_url: str) -> None:
    """Put the command where the page has it, with settings as `.env` would give them."""
    own = {
        "PYTHONPATH": ":".join([str(ROOT), *(path for path in sys.path if "site-packages" in path)]),
        "EVENTHUB_INSTANCE": str(home / "instance"),
        "EVENTHUB_DATABASE_URL": database_url,
        "EVENTHUB_SECRET_KEY": settings.secret_key,
        "EVENTHUB_BASE_URL": settings.base_url,
        "EVENTHUB_REPLY_ADDRESS": settings.reply_address or "",
    }
    words = " ".join(f"{name}={shlex.quote(value)}" for name, value in own.items())
    command = home / ".venv" / "bin" / "eventhub"
    command.write_text(f'#!/bin/sh\n{words} exec {python_for_everybody()} -m eventhub "$@"\n')
    command.chmod(0o755)


def stored(number: int) -> bool:
    """Wait until so many mails are stored."""
    for _ in range(300):
        db.session.rollback()
        if db.session.scalar(select(func.count(ReceivedMail.id))) == number:
            return True
        time.sleep(0.1)
    return False


def waits_in_queue(servers: MailServers) -> bool:
    """Wait until Postfix has put a mail off."""
    for _ in range(300):
        if any((servers.folder / "spool" / "deferred").rglob("[0-9A-F]*[0-9A-F][0-9A-F]")):
            return True
        time.sleep(0.1)
    return False


def test_postfix_hands_answers_over_and_keeps_them_while_the_database_is_away(
    app: Flask, clock: FrozenClock, servers: MailServers, settings: Settings, home: Path
) -> None:
    install(home, settings, NOWHERE)
    edition_id = add_edition(app)
    with app.app_context():
        signed_up(edition_id, email=KIM, name="Kim")
        delivery.deliver()
        [arrived] = servers.wait_for_mail("kim", 1)
        invitation = message_from_bytes(arrived, policy=policy.default)
        servers.send(KIM, organizer_of(invitation), reply_to(invitation, "TENTATIVE"))
        assert waits_in_queue(servers), "75 means later, so nothing comes back to Kim"
        assert len(servers.mails_of("kim")) == 1
        install(home, settings, settings.database_url)
        assert stored(1)
        assert work_off_received() == 1
        post = Post(app)
        assert post.last().outcome is Outcome.NOTED
        assert post.shown(KIM) is Answer.TENTATIVE
