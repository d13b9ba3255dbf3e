"""Builds the real store, files and clock, once per warm Lambda and only when they are needed."""

import json
import time
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from chalicelib.config import BadSetting, settings
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.instant import Instant
from chalicelib.storage.dynamo.store import DynamoStore
from chalicelib.storage.files.json_files import JsonFiles
from chalicelib.storage.files.objects import Objects


def now() -> Instant:
    """The present."""
    return time.time_ns() // 1_000_000


@cache
def store() -> DynamoStore:
    """The tables."""
    return DynamoStore(settings().visitors_table, settings().leansplit_table)


@cache
def report_files() -> JsonFiles:
    """The private bucket of reports. S3's client is heavy, so only who needs it imports it."""
    from chalicelib.storage.files.s3 import S3Objects

    return JsonFiles(S3Objects(settings().reports_bucket))


@cache
def site_files() -> Objects:
    """The bucket of what browsers load."""
    from chalicelib.storage.files.s3 import S3Objects

    return S3Objects(settings().site_bucket)


@cache
def built_snippet() -> dict[str, bytes]:
    """The files that `python -m infra snippet` built, by name."""
    return {path.name: path.read_bytes() for path in Path(settings().snippet_folder).iterdir()}


_RENEWALS = 10.0


class _Cached:
    """Definitions as they stood at most so many seconds ago."""

    def __init__(self) -> None:
        self._read_at = float("-inf")
        self._definitions = Definitions()
        self._held = False
        self._out_of_reach = False
        self._room = _RENEWALS
        self._renewed_at = time.monotonic()

    def get(self, fresh: bool = False) -> Definitions:
        """Those that are held are better than none while the store is out of reach, unless `fresh` ones are
        asked for. They are asked for again by the next request."""
        if fresh or time.monotonic() - self._read_at >= settings().definitions_seconds:
            try:
                self._definitions = store().definitions()
            except Unavailable:
                self._out_of_reach = True
                if fresh or not self._held:
                    raise
                return self._definitions
            self._read_at, self._held, self._out_of_reach = time.monotonic(), True, False
        return self._definitions

    def renew(self) -> Definitions:
        """Read now, ten times at once and then once a second: unknown names may come in floods."""
        now = time.monotonic()
        self._room = min(_RENEWALS, self._room + now - self._renewed_at)
        self._renewed_at = now
        if self._room < 1:
            held = self.get()
            if self._out_of_reach:
                # Nobody knows whether the name is unknown: it must not be refused for good.
                raise Unavailable
            return held
        self._room -= 1
        return self.get(fresh=True)


_cached = _Cached()


def definitions(fresh: bool = False) -> Definitions:
    """All experiments and goals, read again when they are older than DEFINITIONS_SECONDS.

    `fresh` ones are read now, or Unavailable is raised.
    """
    return _cached.get(fresh)


def renewed_definitions() -> Definitions:
    """Read again for an unknown name: ten times at once, then once a second. Unavailable when it fails."""
    return _cached.renew()


@cache
def calculator() -> Any:
    """Your engagement calculator, or None; BadSetting when ENGAGEMENT_CALCULATOR does not lead to one."""
    path = settings().engagement_calculator
    return calculator_at(path) if path else None


def calculator_at(path: str) -> Any:
    """An object of the class at a dotted path; BadSetting when there is none that can calculate."""
    module, _, name = path.rpartition(".")
    try:
        made = getattr(import_module(module), name)()
    except (Exception, SystemExit) as error:
        said = f"{type(error).__name__}: {error}"
        raise BadSetting(f"ENGAGEMENT_CALCULATOR {path!r} cannot be loaded: {said}") from error
    if not callable(getattr(made, "calculate_user_engagement_score", None)):
        raise BadSetting(f"ENGAGEMENT_CALCULATOR {path!r} has no calculate_user_engagement_score")
    return made


def invoke_recount(job_id: str, segment: int) -> None:
    """Run a segment of a recount in a Lambda of its own."""
    import boto3

    payload = json.dumps({"job": job_id, "segment": segment}).encode()
    boto3.client("lambda").invoke(
        FunctionName=settings().recount_function, InvocationType="Event", Payload=payload
    )
