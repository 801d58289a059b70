"""A Thunderbird that nobody sees, with one account, driven over its Marionette port as a person uses it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.replies.mail_servers import PASSWORD, MailServers
from tests.running import free_port

PATIENCE = 60.0
ACCOUNT: dict[str, Any] = {
    "mail.account.account1.identities": "id1",
    "mail.account.account1.server": "server1",
    "mail.accountmanager.accounts": "account1",
    "mail.accountmanager.defaultaccount": "account1",
    "mail.identity.id1.doFcc": False,
    "mail.identity.id1.smtpServer": "smtp1",
    "mail.identity.id1.valid": True,
    "mail.server.server1.authMethod": 3,
    "mail.server.server1.check_new_mail": False,
    "mail.server.server1.hostname": "127.0.0.1",
    "mail.server.server1.login_at_startup": False,
    "mail.server.server1.socketType": 0,
    "mail.server.server1.type": "imap",
    "mail.smtp.defaultserver": "smtp1",
    "mail.smtpserver.smtp1.authMethod": 1,
    "mail.smtpserver.smtp1.hostname": "127.0.0.1",
    "mail.smtpserver.smtp1.try_ssl": 0,
    "mail.smtpservers": "smtp1",
}
QUIET: dict[str, Any] = {
    "app.donation.eoy.version.viewed": 999,
    "app.update.auto": False,
    "calendar.alarms.show": False,
    "calendar.timezone.local": "Europe/Berlin",
    "calendar.timezone.useSystemTimezone": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "intl.regional_prefs.use_os_locales": False,
    "mail.chat.enabled": False,
    "mail.pane_config.dynamic": 0,
    "mail.inappnotifications.enabled": False,
    "mail.provider.enabled": False,
    "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False,
    "mailnews.start_page.enabled": False,
    "mailnews.start_page_override.mstone": "ignore",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 0,
}
"""Nothing is fetched, asked or announced."""

HELPERS = """
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const {cal} = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
const {setTimeout} = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
const calendar = cal.manager.getCalendars()[0];
const server = MailServices.accounts.accounts[0].incomingServer;
const pause = time => new Promise(resolve => setTimeout(resolve, time));
const until = async (what, ask) => {
  for (let turn = 0; turn < 300; turn++) {
    const found = await ask();
    if (found) return found;
    await pause(100);
  }
  throw new Error("waited too long for " + what);
};
const program = () => Services.wm.getMostRecentWindow("mail:3pane").document;
const pane = () => program().getElementById("tabmail").currentAbout3Pane;
const shown = () => pane()?.messageBrowser?.contentWindow;
const bar = () => shown()?.document.getElementById("imip-bar");
const buttons = () =>
  [...bar().querySelectorAll("toolbarbutton[id]")].filter(one => !one.hidden).map(one => one.id);
"""
SIGN_IN = """
const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
login.init("imap://127.0.0.1", null, "imap://127.0.0.1", ...values, "", "");
await Services.logins.addLoginAsync(login);
calendar.setProperty("disabled", false);
await until("the window", () => pane()?.displayFolder);
program().getElementById("today-pane-panel").setVisible(false);
pane().document.getElementById("messagePaneSplitter").height = 640;
"""
OPEN = """
const [number] = values;
const inbox = await until("the inbox", async () => {
  const found = server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
  if (!found) server.performExpand(null);
  return found;
});
pane().displayFolder(inbox.URI);
const messages = () => [...inbox.messages].sort((one, other) => one.messageKey - other.messageKey);
await until("the mail", () => {
  if (messages().length < number) { inbox.updateFolder(null); return false; }
  return messages()[number - 1];
});
const mail = messages()[number - 1];
await until("the mail in the list", () => {
  pane().selectMessage(mail);
  return pane().gDBView?.hdrForFirstSelectedMessage?.messageKey == mail.messageKey;
});
await until("the mail", () => shown()?.msgLoaded && shown().gMessage?.messageKey == mail.messageKey);
await until("what Thunderbird offers", () => bar() && !bar().collapsed && buttons().length);
await pause(300); // the buttons of the mail before may still be on their way out
return mail.mime2DecodedSubject;
"""
OFFERS = "return {words: bar().querySelector('description').textContent, buttons: buttons()};"
CLICK = "bar().querySelector(`#${values[0]}`).doCommand();"
ENTRIES = """
return (await calendar.getItemsAsArray(0xffff, 0, null, null)).map(one => [
  one.title, one.startDate.icalString, one.endDate.icalString, one.status,
  ...one.getAttendees().map(who => who.participationStatus)]);
"""


class _Marionette:
    """Its remote control: a length, a colon, and JSON."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 5)
        self._socket.settimeout(PATIENCE)
        self._rest, self._number = b"", 0
        self._read()

    def ask(self, name: str, **values: Any) -> Any:
        self._number += 1
        words = json.dumps([0, self._number, name, values]).encode()
        self._socket.sendall(str(len(words)).encode() + b":" + words)
        _kind, _number, error, found = self._read()
        if error:
            raise AssertionError(f"{error.get('error')}: {error.get('message')}")
        return found

    def close(self) -> None:
        self._socket.close()

    def _read(self) -> Any:
        while b":" not in self._rest:
            self._more()
        length, _colon, self._rest = self._rest.partition(b":")
        while len(self._rest) < int(length):
            self._more()
        found, self._rest = self._rest[: int(length)], self._rest[int(length) :]
        return json.loads(found)

    def _more(self) -> None:
        got = self._socket.recv(65536)
        if not got:
            raise ConnectionError("Thunderbird hung up")
        self._rest += got


class Thunderbird:
    """What a person sees in it and does with it."""

    def __init__(self, remote: _Marionette) -> None:
        self._remote = remote
        wanted = {"alwaysMatch": {"unhandledPromptBehavior": "accept"}}
        remote.ask("WebDriver:NewSession", capabilities=wanted)
        remote.ask("Marionette:SetContext", value="chrome")
        remote.ask("WebDriver:SetTimeouts", script=int(PATIENCE * 1000))

    def open_mail(self, number: int) -> str:
        """Show the mail of that number in the inbox, once it is there,, and return its subject."""
        return str(self.run(OPEN, number))

    def offers(self) -> dict[str, Any]:
        """Return what it says about the meeting in the mail, and which buttons it offers."""
        found: dict[str, Any] = self.run(OFFERS)
        return found

    def click(self, button: str) -> None:
        self.run(CLICK, button)

    def entries(self) -> list[list[str]]:
        """Return what stands in the calendar."""
        found: list[list[str]] = self.run(ENTRIES)
        return found

    def photograph(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._remote.ask("WebDriver:TakeScreenshot", full=False)["value"]))

    def run(self, script: str, *values: Any) -> Any:
        """Run JavaScript with the rights of the program."""
        whole = (
            "const finish = arguments[arguments.length - 1];"
            "(async (...values) => {" + HELPERS + script + "})(...[...arguments].slice(0, -1))"
            ".then(found => finish({found: found ?? null}), error => finish({error: `${error}`}))"
        )
        found = self._remote.ask("WebDriver:ExecuteAsyncScript", script=whole, args=list(values))["value"]
        assert "error" not in found, found["error"]
        return found["found"]


@contextmanager
def thunderbird(servers: MailServers, user: str, address: str, name: str) -> Iterator[Thunderbird]:
    """Run it in German with the mailbox of somebody, on a screen that nobody sees."""
    folder = Path(tempfile.mkdtemp(prefix="eventhub-thunderbird-"))
    port = free_port()
    settings = {
        **ACCOUNT,
        **QUIET,
        "intl.locale.requested": "de",
        "mail.identity.id1.fullName": name,
        "mail.identity.id1.useremail": address,
        "mail.server.server1.name": address,
        "mail.server.server1.port": servers.imap,
        "mail.server.server1.userName": user,
        "mail.smtpserver.smtp1.port": servers.smtp,
        "marionette.port": port,
    }
    lines = (f"user_pref({json.dumps(key)}, {json.dumps(value)});\n" for key, value in settings.items())
    (folder / "user.js").write_text("".join(lines))
    try:
        with _screen() as display, _program(folder, display), _remote(port) as remote:
            found = Thunderbird(remote)
            found.run(SIGN_IN, user, PASSWORD)
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _screen() -> Iterator[str]:
    """Let Xvfb choose a free display."""
    command = ("Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield f":{process.stdout.readline().strip()}"
        finally:
            process.terminate()


@contextmanager
def _program(folder: Path, display: str) -> Iterator[None]:
    command = ("thunderbird", "--no-remote", "--profile", str(folder), "--marionette")
    own = {"DISPLAY": display, "HOME": str(folder), "TZ": "Europe/Berlin", "LANG": "C.UTF-8"}
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            (*command, "-remote-allow-system-access"),
            env={"PATH": os.environ["PATH"], **own},
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield
        finally:  # the command is a script; the program and its helpers share its group
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def _remote(port: int) -> Iterator[_Marionette]:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            remote = _Marionette(port)
        except OSError:
            if time.monotonic() > until:
                raise AssertionError("Thunderbird does not start") from None
            time.sleep(0.2)
        else:
            break
    try:
        yield remote
    finally:
        remote.close()
