"""Settings are checked before anything starts, and the refusal is one line that names the setting."""

from pathlib import Path

import pytest

from config import SettingError, load_settings


@pytest.mark.parametrize(
    "setting",
    [
        "BASE_URL=events",
        "BASE_URL=ftp://events.example.org",
        "BASE_URL=https://events.example.org/below",
        "BASE_URL=http://[::1",
        "BASE_URL=http://localhost:many",
        "BROKER_URL=http://127.0.0.1",
        "BROKER_URL=redis://",
        "COLOUR=red",
        "DATABASE_URL=events.sqlite",
        "DATABASE_URL=mysql://localhost/events",
        "DEFAULT_LANGUAGE=fr",
        "DEFAULT_TIMEZONE=Mars/Base",
        "EMBEDDED_WORKER=1",
        "LOG_FORMAT=xml",
        "MAIL_PER_CONNECTION=many",
        "MAIL_PER_MINUTE=0",
        "MAIL_PORT=0",
        "MAIL_PORT=65536",
        "MAIL_PORT=smtp",
        "MAIL_SECURITY=ssl",
        "MAIL_SENDER=nobody",
        "MAIL_SENDER=Lab <lab@example.org>\nBcc: all@example.org",
        "IMAP_PORT=0",
        "IMAP_SECURITY=ssl",
        "METRICS_TOKEN=short",
        "OPENID_HOSTS=https://keys.example.org",
        "OPENID_HOSTS=keys.example.org, somebody@elsewhere.example",
        "OPENID_ISSUER=login.example.org",
        "OPENID_ISSUER=http://login.example.org",
        "OPENID_ISSUER=https://somebody@login.example.org",
        "OPENID_ISSUER=https://login.example.org/?realm=lab",
        "OPENID_ISSUER=https://login.example.org",
        "REPLY_ADDRESS=nobody",
        "REPLY_ADDRESS=Lab <lab@example.org>",
        "REPLY_ADDRESS=a-name-that-leaves-no-room@example.org",
        "PROXY_HOPS=-1",
        "RATE_LIMITS=perhaps",
        "REDIS_URL=amqp://127.0.0.1",
        "SECRET_KEY=short",
    ],
)
def test_an_impossible_setting_is_refused_in_one_line(tmp_path: Path, setting: str) -> None:
    name, value = setting.split("=", 1)
    with pytest.raises(SettingError, match=rf"^EVENTHUB_{name} ") as refused:
        load_settings({f"EVENTHUB_{name}": value}, tmp_path)
    assert "\n" not in str(refused.value)


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path / "instance")
    assert settings.database_url == f"sqlite:///{tmp_path}/instance/eventhub.sqlite"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.mail_server is None
    assert settings.rate_limits
    assert len(settings.secret_key) >= 32
    assert load_settings({}, tmp_path / "instance").secret_key == settings.secret_key


def test_an_empty_value_counts_as_not_set(tmp_path: Path) -> None:
    settings = load_settings({"EVENTHUB_MAIL_SERVER": " ", "EVENTHUB_TEST_DATABASE_URL": "any"}, tmp_path)
    assert settings.mail_server is None


@pytest.mark.parametrize(("security", "port"), [("none", 25), ("starttls", 587), ("tls", 465)])
def test_mail_goes_to_the_usual_port(tmp_path: Path, security: str, port: int) -> None:
    assert load_settings({"EVENTHUB_MAIL_SECURITY": security}, tmp_path).mail_port == port


def test_an_openid_provider_is_called_by_its_host_unless_named(tmp_path: Path) -> None:
    provider = {
        "EVENTHUB_OPENID_ISSUER": "https://login.example.org/realms/lab",
        "EVENTHUB_OPENID_CLIENT_ID": "eventhub",
        "EVENTHUB_OPENID_CLIENT_SECRET": "a secret of both",
    }
    settings = load_settings(provider, tmp_path)
    assert settings.openid_name == "login.example.org"
    assert "a secret of both" not in repr(settings)
    assert (
        load_settings(provider | {"EVENTHUB_OPENID_NAME": "Lab-Konto"}, tmp_path).openid_name == "Lab-Konto"
    )


def test_hosts_of_an_openid_provider_stand_in_one_line(tmp_path: Path) -> None:
    hosts = {"EVENTHUB_OPENID_HOSTS": "tokens.example.org, keys.example.org:8443"}
    assert load_settings(hosts, tmp_path).openid_hosts == {"tokens.example.org", "keys.example.org:8443"}


def test_with_a_broker_the_workers_are_processes_of_their_own(tmp_path: Path) -> None:
    broker = {"EVENTHUB_BROKER_URL": "amqp://guest:guest@127.0.0.1"}
    assert load_settings({}, tmp_path).embedded_worker
    assert not load_settings(broker, tmp_path).embedded_worker
    assert load_settings(broker | {"EVENTHUB_EMBEDDED_WORKER": "on"}, tmp_path).embedded_worker
