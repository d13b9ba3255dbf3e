"""Wheels are chosen for the Lambda runtime, not for this machine."""

from infra.packaging.target import LOCAL, Target


def test_the_local_interpreter_takes_what_pip_takes_by_itself() -> None:
    assert LOCAL.is_local
    assert LOCAL.pip_flags == []


def test_a_lambda_target_names_its_platforms_up_to_its_glibc() -> None:
    flags = Target("3.13", "aarch64").pip_flags

    assert "manylinux_2_34_aarch64" in flags
    assert "manylinux_2_28_aarch64" in flags
    assert not [flag for flag in flags if "x86_64" in flag]
    assert flags[flags.index("--python-version") + 1] == "3.13"
