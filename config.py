"""Settings from EVENTHUB_* variables or a `.env` file, checked once at start."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from dotenv import dotenv_values
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "EVENTHUB_"
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
TEST_PREFIX = "EVENTHUB_TEST_"
ROOT = Path(__file__).resolve().parent
MailSecurity = Literal["none", "starttls", "tls"]
LogFormat = Literal["text", "json"]
BROKERS = ("redis", "rediss", "amqp", "amqps")


class SettingError(ValueError):
    """A setting is unknown or impossible; the message is one line for the operator."""


@dataclass(frozen=True)
class Settings:
    """All that an operator may set; see the table in README.md."""

    instance: Path
    secret_key: str = field(repr=False)
    database_url: str
    base_url: str = "http://127.0.0.1:8000"
    mail_server: str | None = None
    mail_port: int = 25
    mail_username: str | None = None
    mail_password: str | None = field(default=None, repr=False)
    mail_security: MailSecurity = "none"
    mail_sender: str = "eventhub <eventhub@localhost>"
    default_language: str = "de"
    default_timezone: str = "Europe/Berlin"
    rate_limits: bool = True
    proxy_hops: int = 0
    embedded_worker: bool = True
    broker_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)
    metrics_token: str | None = field(default=None, repr=False)
    log_format: LogFormat = "text"
    mail_per_minute: int | None = None
    mail_per_connection: int | None = None
    reply_address: str | None = None
    reply_authserv: str | None = None
    imap_server: str | None = None
    imap_port: int = 993
    imap_username: str = ""
    imap_password: str = field(default="", repr=False)
    imap_security: MailSecurity = "tls"
    imap_folder: str = "INBOX"
    apple_wallet: Path | None = None
    google_wallet_key: Path | None = None
    google_wallet_issuer: str = ""
    openid_issuer: str | None = None
    openid_client_id: str = ""
    openid_client_secret: str = field(default="", repr=False)
    openid_name: str = ""
    openid_hosts: frozenset[str] = frozenset()
    """Hosts besides the issuer's over which the provider spreads its addresses."""

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def load_settings(environ: Mapping[str, str] | None = None, instance: Path | None = None) -> Settings:
    """Read the settings; raises SettingError with one clear line for the first that can't be."""
    folder = instance or Path(os.environ.get("EVENTHUB_INSTANCE", ROOT / "instance"))
    found = _known(_from_file(ROOT / ".env") | dict(os.environ) if environ is None else dict(environ))
    port = os.environ.get("PORT", "8000") if environ is None else "8000"
    return Settings(
        instance=folder,
        secret_key=_secret_key(found.get("SECRET_KEY"), folder),
        database_url=_database_url(found.get("DATABASE_URL"), folder),
        base_url=_base_url(found.get("BASE_URL", f"http://127.0.0.1:{port}")),
        mail_server=found.get("MAIL_SERVER"),
        mail_port=_whole_number(found, "MAIL_PORT", _usual_port(found.get("MAIL_SECURITY")), 1, 65535),
        mail_username=found.get("MAIL_USERNAME"),
        mail_password=found.get("MAIL_PASSWORD"),
        mail_security=_mail_security(found.get("MAIL_SECURITY", "none")),
        mail_sender=_mail_sender(found.get("MAIL_SENDER", "eventhub <eventhub@localhost>")),
        default_language=_one_of(found, "DEFAULT_LANGUAGE", "de", ("de", "en")),
        default_timezone=_timezone(found.get("DEFAULT_TIMEZONE", "Europe/Berlin")),
        rate_limits=_one_of(found, "RATE_LIMITS", "on", ("on", "off")) == "on",
        proxy_hops=_whole_number(found, "PROXY_HOPS", 0, 0, 10),
        embedded_worker=_one_of(found, "EMBEDDED_WORKER", _usual_worker(found), ("on", "off")) == "on",
        broker_url=_server_url(found, "BROKER_URL", BROKERS),
        redis_url=_server_url(found, "REDIS_URL", BROKERS[:2]),
        metrics_token=_metrics_token(found.get("METRICS_TOKEN")),
        log_format="json" if _one_of(found, "LOG_FORMAT", "text", ("text", "json")) == "json" else "text",
        mail_per_minute=_limit(found, "MAIL_PER_MINUTE"),
        mail_per_connection=_limit(found, "MAIL_PER_CONNECTION"),
        reply_address=_reply_address(found.get("REPLY_ADDRESS")),
        reply_authserv=found.get("REPLY_AUTHSERV"),
        imap_server=found.get("IMAP_SERVER"),
        imap_port=_whole_number(found, "IMAP_PORT", 993 if _imap_security(found) == "tls" else 143, 1, 65535),
        imap_username=found.get("IMAP_USERNAME", ""),
        imap_password=found.get("IMAP_PASSWORD", ""),
        imap_security=_imap_security(found),
        imap_folder=found.get("IMAP_FOLDER", "INBOX"),
        apple_wallet=_key_file(found, "APPLE_WALLET"),
        google_wallet_key=_key_file(found, "GOOGLE_WALLET_KEY"),
        google_wallet_issuer=_google_wallet_issuer(found),
        openid_issuer=_openid_issuer(found),
        openid_client_id=found.get("OPENID_CLIENT_ID", ""),
        openid_client_secret=found.get("OPENID_CLIENT_SECRET", ""),
        openid_hosts=_openid_hosts(found),
        openid_name=found.get("OPENID_NAME") or urlsplit(found.get("OPENID_ISSUER", "")).hostname or "",
    )


KNOWN = frozenset(
    [
        "APPLE_WALLET",
        "BASE_URL",
        "BROKER_URL",
        "DATABASE_URL",
        "DEFAULT_LANGUAGE",
        "DEFAULT_TIMEZONE",
        "EMBEDDED_WORKER",
        "GOOGLE_WALLET_ISSUER",
        "GOOGLE_WALLET_KEY",
        "IMAP_FOLDER",
        "IMAP_PASSWORD",
        "IMAP_PORT",
        "IMAP_SECURITY",
        "IMAP_SERVER",
        "IMAP_USERNAME",
        "INSTANCE",
        "LOG_FORMAT",
        "MAIL_PASSWORD",
        "MAIL_PER_CONNECTION",
        "MAIL_PER_MINUTE",
        "MAIL_PORT",
        "MAIL_SECURITY",
        "MAIL_SENDER",
        "MAIL_SERVER",
        "MAIL_USERNAME",
        "METRICS_TOKEN",
        "OPENID_CLIENT_ID",
        "OPENID_CLIENT_SECRET",
        "OPENID_HOSTS",
        "OPENID_ISSUER",
        "OPENID_NAME",
        "PROXY_HOPS",
        "RATE_LIMITS",
        "REDIS_URL",
        "REPLY_ADDRESS",
        "REPLY_AUTHSERV",
        "SECRET_KEY",
    ]
)


def _from_file(path: Path) -> dict[str, str]:
    return {name: value or "" for name, value in dotenv_values(path).items()} if path.exists() else {}


def _known(environ: dict[str, str]) -> dict[str, str]:
    found = {
        name.removeprefix(PREFIX): value.strip()
        for name, value in environ.items()
        if name.startswith(PREFIX) and not name.startswith(TEST_PREFIX)
    }
    for name in found:
        if name not in KNOWN:
            raise SettingError(f"{PREFIX}{name} is not a setting of eventhub; the README lists all of them.")
    return {name: value for name, value in found.items() if value}


def _secret_key(given: str | None, folder: Path) -> str:
    if given is not None:
        if len(given) < 32:
            raise SettingError(f"{PREFIX}SECRET_KEY is too short: at least 32 characters are needed.")
        return given
    path = folder / "secret_key"
    if not path.exists():
        _make(folder)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"{PREFIX}INSTANCE: {folder} can not be made: {error.strerror}.") from None


def _database_url(given: str | None, folder: Path) -> str:
    if given is None:
        _make(folder)
        return f"sqlite:///{folder / 'eventhub.sqlite'}"
    try:
        url = make_url(given)
    except ArgumentError:
        raise SettingError(f"{PREFIX}DATABASE_URL is not a database address.") from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise SettingError(f"{PREFIX}DATABASE_URL must be an SQLite or a PostgreSQL address.")
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)


def _base_url(given: str) -> str:
    refused = SettingError(f"{PREFIX}BASE_URL must look like https://events.example.org, without a path.")
    try:
        parts = urlsplit(given)
        unusable = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
    except ValueError:
        raise refused from None
    if unusable or parts.path not in ("", "/"):
        raise refused
    return f"{parts.scheme}://{parts.netloc}"


def _usual_worker(found: Mapping[str, str]) -> str:
    """With a broker the workers are processes of their own."""
    return "off" if "BROKER_URL" in found else "on"


def _server_url(found: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    given = found.get(name)
    if given is None:
        return None
    refused = SettingError(f"{PREFIX}{name} must be an address such as {schemes[0]}://127.0.0.1.")
    try:
        parts = urlsplit(given)
        unusable = parts.scheme not in schemes or not parts.hostname or parts.port == 0
    except ValueError:
        raise refused from None
    if unusable:
        raise refused
    if find_spec("redis" if name == "REDIS_URL" else "celery") is None:
        raise SettingError(f"{PREFIX}{name} needs the packages of requirements-production.txt.")
    return given


def _metrics_token(given: str | None) -> str | None:
    if given is not None and len(given) < 16:
        raise SettingError(f"{PREFIX}METRICS_TOKEN is too short: at least 16 characters are needed.")
    if given is not None and find_spec("prometheus_client") is None:
        raise SettingError(f"{PREFIX}METRICS_TOKEN needs the packages of requirements-production.txt.")
    return given


def _key_file(found: Mapping[str, str], name: str) -> Path | None:
    if name not in found:
        return None
    if find_spec("cryptography") is None:
        raise SettingError(f"{PREFIX}{name} needs the packages of requirements-production.txt.")
    path = Path(found[name])
    if not path.is_file() or not os.access(path, os.R_OK):
        raise SettingError(f"{PREFIX}{name}: there is no file {path} that can be read.")
    return path


def _google_wallet_issuer(found: Mapping[str, str]) -> str:
    given = found.get("GOOGLE_WALLET_ISSUER", "")
    if ("GOOGLE_WALLET_KEY" in found) != bool(given):
        raise SettingError(f"{PREFIX}GOOGLE_WALLET_KEY and {PREFIX}GOOGLE_WALLET_ISSUER belong together.")
    if given and not given.isdecimal():
        raise SettingError(f"{PREFIX}GOOGLE_WALLET_ISSUER is a number, not “{given}”.")
    return given


def _openid_issuer(found: Mapping[str, str]) -> str | None:
    """Whoever speaks for people's identity is asked over https, except on this machine itself."""
    given = found.get("OPENID_ISSUER")
    if given is None:
        return None
    name = f"{PREFIX}OPENID_ISSUER"
    refused = SettingError(f"{name} must be an address such as https://login.example.org.")
    try:
        parts = urlsplit(given)
        unusable = not parts.hostname or parts.port == 0 or "@" in parts.netloc
    except ValueError:
        raise refused from None
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if (
        unusable
        or parts.query
        or parts.fragment
        or parts.scheme not in ("https", "http" if here else "https")
    ):
        raise refused
    if not found.get("OPENID_CLIENT_ID") or not found.get("OPENID_CLIENT_SECRET"):
        raise SettingError(f"{name} needs {PREFIX}OPENID_CLIENT_ID and {PREFIX}OPENID_CLIENT_SECRET as well.")
    if find_spec("authlib") is None:
        raise SettingError(f"{name} needs the packages of requirements-production.txt.")
    return given


def _openid_hosts(found: Mapping[str, str]) -> frozenset[str]:
    hosts = frozenset(found.get("OPENID_HOSTS", "").replace(",", " ").split())
    if unusable := sorted(host for host in hosts if not _HOST.fullmatch(host)):
        raise SettingError(f"{PREFIX}OPENID_HOSTS takes names such as keys.example.org, not “{unusable[0]}”.")
    return hosts


def _limit(found: Mapping[str, str], name: str) -> int | None:
    return _whole_number(found, name, 1, 1, 100_000) if name in found else None


def _usual_port(security: str | None) -> int:
    return {"starttls": 587, "tls": 465}.get(security or "none", 25)


def _imap_security(found: Mapping[str, str]) -> MailSecurity:
    return _mail_security(found.get("IMAP_SECURITY", "tls"), "IMAP_SECURITY")


def _mail_security(given: str, name: str = "MAIL_SECURITY") -> MailSecurity:
    if given == "none":
        return "none"
    if given == "starttls":
        return "starttls"
    if given == "tls":
        return "tls"
    raise SettingError(f"{PREFIX}{name} must be one of none, starttls, tls, not “{given}”.")


def _mail_sender(given: str) -> str:
    address = parseaddr(given)[1]
    if "@" not in address or any(ord(sign) < 32 for sign in given):
        raise SettingError(f"{PREFIX}MAIL_SENDER must look like: Example Lab <events@example.org>.")
    return given


def _reply_address(given: str | None) -> str | None:
    """Answers come to this address with a token after a plus sign, so its name must leave room for that."""
    if given is None:
        return None
    name, _at, domain = given.partition("@")
    plain = re.fullmatch(r"[A-Za-z0-9._-]{1,24}", name) and re.fullmatch(r"[A-Za-z0-9.-]{1,180}", domain)
    if not plain:
        raise SettingError(
            f"{PREFIX}REPLY_ADDRESS must look like replies@example.org, with at most 24 signs before the @."
        )
    return given


def _timezone(given: str) -> str:
    if given not in available_timezones():
        raise SettingError(f"{PREFIX}DEFAULT_TIMEZONE must be a zone such as Europe/Berlin, not “{given}”.")
    return ZoneInfo(given).key


def _one_of(found: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = found.get(name, default)
    if value not in allowed:
        raise SettingError(f"{PREFIX}{name} must be one of {', '.join(allowed)}, not “{value}”.")
    return value


def _whole_number(found: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = found.get(name, str(default))
    if not value.isdecimal() or not least <= int(value) <= most:
        raise SettingError(f"{PREFIX}{name} must be a whole number from {least} to {most}, not “{value}”.")
    return int(value)
