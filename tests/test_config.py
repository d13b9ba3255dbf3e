"""Settings: one clear error for each bad one."""

import pytest

from chalicelib.config import BadSetting, settings_from

GOOD = {
    "VISITORS_TABLE": "v",
    "LEANSPLIT_TABLE": "t",
    "REPORTS_BUCKET": "r",
    "ADMIN_KEYS": "a" * 16,
    "SERVER_KEYS": "s" * 16,
    "TOKEN_KEYS": f"{'t' * 16}, {'u' * 16}",
}


def test_keys_are_split_and_defaults_are_sensible():
    made = settings_from(GOOD)

    assert made.token_keys == ("t" * 16, "u" * 16)
    assert (made.stage, made.development, made.definitions_seconds) == ("dev", False, 30.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VISITORS_TABLE", ""),
        ("ADMIN_KEYS", ""),
        ("ADMIN_KEYS", "short"),
        ("TOKEN_KEYS", f"{'t' * 16},short"),
        ("DEVELOPMENT", "yes"),
        ("DEFINITIONS_SECONDS", "soon"),
        ("DEFINITIONS_SECONDS", "-1"),
    ],
)
def test_a_bad_setting_is_named(name, value):
    with pytest.raises(BadSetting, match=name):
        settings_from({**GOOD, name: value})
