"""Publish the definitions for browsers: the snippet with its configuration, as files of the site."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Conflict
from chalicelib.domain.experiments.experiment import FINAL_AFTER, Experiment, State
from chalicelib.domain.instant import Instant
from chalicelib.services.store import DefinitionStore

SHORT = "public, max-age=60"
FOREVER = "public, max-age=31536000, immutable"
_CONFIG = "leansplit.config.js"
_ROUNDS = 3
_SCRIPT = "text/javascript; charset=utf-8"
_TYPES = {"js": _SCRIPT, "mjs": _SCRIPT, "map": "application/json", "json": "application/json"}


class SiteFiles(Protocol):
    """The site's files by path."""

    def put(self, key: str, data: bytes, content_type: str, cache_control: str) -> None:
        """Write a file over whatever was there."""

    def put_newer(self, key: str, data: bytes, number: int, content_type: str, cache_control: str) -> bool:
        """Write a file unless the one there bears a higher number; whether it was written."""

    def get(self, key: str) -> bytes | None:
        """A file's content, or None."""


def publish(files: SiteFiles, built: Mapping[str, bytes], definitions: Definitions, now: Instant) -> bool:
    """Write what depends on the definitions, and the build itself unless this one is there already.

    `built` holds the files of `python -m infra snippet` by name. Twice the same writes the same.
    Each file says by which number of the definitions it was made, and none replaces one of a higher
    number: of changes that overlap, the newest stays published in whatever order their writes arrive.
    False when the site held newer definitions.
    """
    config = config_script(definitions, now)
    # The configuration by itself comes last: when it is right, the other two were written before.
    short = {
        "leansplit.js": config + built["leansplit.js"] + b"\n//# sourceMappingURL=leansplit.js.map\n",
        "leansplit.mjs": config + built["leansplit.mjs"],
        _CONFIG: config,
    }
    integrity = integrity_of(built)
    if files.get("leansplit.integrity.json") != integrity:
        _publish_build(files, built, integrity)
    written = [
        files.put_newer(name, data, definitions.number, _type(name), SHORT) for name, data in short.items()
    ]
    return all(written)


def publish_newest(
    store: DefinitionStore, files: SiteFiles, built: Mapping[str, bytes], now: Instant
) -> None:
    """Publish the definitions as they stand, once more if a change came meanwhile.

    Whoever made that change publishes it too, but may fail. Conflict when the site holds definitions
    that the store has never had.
    """
    definitions = store.definitions()
    for _ in range(_ROUNDS):
        written = publish(files, built, definitions, now)
        latest = store.definitions()
        if latest.number != definitions.number:
            definitions = latest
        elif written:
            return
        else:
            # The number on the site was read from this store before, so nobody was quicker than we are.
            raise Conflict("the site was published from newer definitions than the table holds: restored?")


def publish_what_is_missing(
    store: DefinitionStore, files: SiteFiles, built: Callable[[], Mapping[str, bytes]], now: Instant
) -> bool:
    """Publish if the site says something else than it should at an instant; whether it did.

    A change may have been saved and not published, or a start or an end that was set ahead has come.
    Where there is nothing to do this costs one small read. Conflict as in `publish_newest`.
    """
    if files.get(_CONFIG) == config_script(store.definitions(), now):
        return False
    publish_newest(store, files, built(), now)
    return True


def config_script(definitions: Definitions, now: Instant) -> bytes:
    """The script that hands the snippet its configuration, in one line."""
    config = json.dumps(config_of(definitions, now), separators=(",", ":"))
    return f"window.leansplitConfig={config};\n".encode()


def config_of(definitions: Definitions, now: Instant) -> dict[str, Any]:
    """What the snippet needs of every experiment, but of those that ended long ago."""
    return {
        name: _config(experiment, now)
        for name, experiment in sorted(definitions.experiments.items())
        if experiment.state is State.PROMOTED or experiment.finalized_at is None
    }


def integrity_of(built: Mapping[str, bytes]) -> bytes:
    """`leansplit.integrity.json`: the file and the `integrity` of each script that never changes."""
    entries = {
        name: {"file": strict_name(name, built), "integrity": digest} for name, digest in _digests(built)
    }
    return json.dumps(entries, indent=1).encode()


def strict_name(name: str, built: Mapping[str, bytes]) -> str:
    """`leansplit.<hash>.js`."""
    stem, suffix = name.rsplit(".", 1)
    return f"{stem}.{hashlib.sha256(built[name]).hexdigest()[:16]}.{suffix}"


def _config(experiment: Experiment, now: Instant) -> dict[str, Any]:
    phase, keys = experiment.phase, list(experiment.variation_keys)
    if experiment.state is State.PROMOTED:
        return {"keys": keys, "show": experiment.promoted}
    if experiment.state is State.DISABLED or not experiment.was_enabled(now):
        return {"keys": keys, "show": keys[0]}
    return {
        "keys": keys,
        "seed": phase.seed,
        "phase": phase.number,
        "since": _since(experiment),
        "ranges": [list(each) for each in phase.ranges],
    }


def _since(experiment: Experiment) -> int:
    """The first phase that a browser's memory may be of: one from before a final report is over."""
    since = 1
    for before, interval in zip(experiment.enabled, experiment.enabled[1:], strict=False):
        if before.ended_at is not None and interval.started_at >= before.ended_at + FINAL_AFTER:
            started = [phase.number for phase in experiment.phases if phase.started_at == interval.started_at]
            since = max([since, *started])
    return since


def _digests(built: Mapping[str, bytes]) -> list[tuple[str, str]]:
    scripts = sorted(name for name in built if name.endswith(("js", "mjs")))
    return [
        (name, "sha384-" + base64.b64encode(hashlib.sha384(built[name]).digest()).decode())
        for name in scripts
    ]


def _publish_build(files: SiteFiles, built: Mapping[str, bytes], integrity: bytes) -> None:
    for name, data in built.items():
        suffix = name.rsplit(".", 1)[1]
        if suffix in ("js", "mjs"):
            _put(files, strict_name(name, built), data, FOREVER)
        if name not in ("leansplit.js", "leansplit.mjs"):
            _put(files, name, _shifted(data) if name == "leansplit.js.map" else data, SHORT)
    _put(files, "leansplit.integrity.json", integrity, SHORT)


def _shifted(source_map: bytes) -> bytes:
    """The source map for a script that has the configuration's line before it."""
    parts = json.loads(source_map)
    return json.dumps({**parts, "mappings": ";" + parts["mappings"]}, separators=(",", ":")).encode()


def _put(files: SiteFiles, name: str, data: bytes, cache: str) -> None:
    files.put(name, data, _type(name), cache)


def _type(name: str) -> str:
    return _TYPES.get(name.rsplit(".", 1)[1], "text/plain; charset=utf-8")
