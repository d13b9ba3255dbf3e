"""Settings: the only reader of the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?")
_SNIPPET = Path(__file__).parent / "snippet" / "built"


class BadSetting(Exception):
    """A setting that is missing or wrong; its message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One field a setting, in the words of the README."""

    stage: str
    visitors_table: str
    leansplit_table: str
    reports_bucket: str
    site_bucket: str
    snippet_folder: str
    recount_function: str
    admin_keys: tuple[str, ...]
    server_keys: tuple[str, ...]
    token_keys: tuple[str, ...]
    origin_keys: tuple[str, ...]
    cookie_domain: str
    allowed_origins: frozenset[tuple[str, str]]
    development: bool
    definitions_seconds: float
    engagement_calculator: str
    auto_create_goals: bool
    count_mail_proxies: bool


def settings_from(environment: Mapping[str, str]) -> Settings:
    """The settings of an environment; BadSetting names the first one that is missing or wrong."""
    read = _Reader(environment)
    return Settings(
        stage=read.text("STAGE", "dev"),
        visitors_table=read.text("VISITORS_TABLE"),
        leansplit_table=read.text("LEANSPLIT_TABLE"),
        reports_bucket=read.text("REPORTS_BUCKET"),
        site_bucket=read.text("SITE_BUCKET", ""),
        snippet_folder=read.text("SNIPPET_FOLDER", str(_SNIPPET)),
        recount_function=read.text("RECOUNT_FUNCTION", ""),
        admin_keys=read.keys("ADMIN_KEYS"),
        server_keys=read.keys("SERVER_KEYS"),
        token_keys=read.keys("TOKEN_KEYS"),
        origin_keys=read.items("ORIGIN_KEYS"),
        cookie_domain=read.domain("COOKIE_DOMAIN"),
        allowed_origins=read.origins("ALLOWED_ORIGINS"),
        development=read.switch("DEVELOPMENT"),
        definitions_seconds=read.seconds("DEFINITIONS_SECONDS", 30.0),
        engagement_calculator=read.dotted("ENGAGEMENT_CALCULATOR"),
        auto_create_goals=read.switch("AUTO_CREATE_GOALS"),
        count_mail_proxies=read.switch("COUNT_MAIL_PROXIES", "1"),
    )


@cache
def settings() -> Settings:
    """The settings of this process."""
    return settings_from({**_keys_in(os.environ.get("KEYS_PARAMETER", "")), **os.environ})


def _keys_in(parameter: str) -> Mapping[str, str]:
    """The keys of a deployment whose environment holds none: `chalice deploy` makes such ones."""
    if not parameter:
        return {}
    # Only here, since its client is heavy and the template's deployments need none.
    from chalicelib.storage.ssm import read_keys

    return read_keys(parameter)


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str | None = None) -> str:
        value = self._environment.get(name) or default
        if value is None:
            raise BadSetting(f"{name} is not set")
        return value

    def items(self, name: str) -> tuple[str, ...]:
        written = self._environment.get(name, "").split(",")
        return tuple(each.strip() for each in written if each.strip())

    def keys(self, name: str) -> tuple[str, ...]:
        found = self.items(name)
        if not found:
            raise BadSetting(f"{name} is not set")
        if any(len(key) < 16 for key in found):
            raise BadSetting(f"{name} has a key of fewer than 16 characters")
        return found

    def domain(self, name: str) -> str:
        value = self.text(name, "").lstrip(".")
        if value and not _DOMAIN.fullmatch(value):
            raise BadSetting(f"{name} must be a domain like shop.example")
        return value

    def origins(self, name: str) -> frozenset[tuple[str, str]]:
        """(public key, origin) of each `origin` or `key=origin`."""
        pairs = [(key, origin) for key, _, origin in (each.rpartition("=") for each in self.items(name))]
        for _, origin in pairs:
            if not _ORIGIN.fullmatch(origin):
                raise BadSetting(f"{name} must hold origins like https://shop.example or key=https://…")
        return frozenset(pairs)

    def dotted(self, name: str) -> str:
        value = self._environment.get(name, "").strip()
        parts = value.split(".")
        if value and (len(parts) < 2 or not all(part.isidentifier() for part in parts)):
            raise BadSetting(f"{name} must be a dotted path like package.module.Class")
        return value

    def switch(self, name: str, default: str = "0") -> bool:
        value = self._environment.get(name) or default
        if value not in ("0", "1"):
            raise BadSetting(f"{name} must be 0 or 1")
        return value == "1"

    def seconds(self, name: str, default: float) -> float:
        value = self._environment.get(name)
        try:
            number = default if not value else float(value)
        except ValueError as error:
            raise BadSetting(f"{name} must be a number of seconds") from error
        if not 0 <= number <= 3600:
            raise BadSetting(f"{name} must lie between 0 and 3600")
        return number
