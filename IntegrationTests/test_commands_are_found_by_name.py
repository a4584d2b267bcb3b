"""`countersign COMMAND`: every command that the help lists is found by its name, and no other is."""

import re

import pytest

from harness.tools import countersign

USAGE_ERROR = 2


def commands():
    done = countersign("--help")
    assert done.returncode == 0, done.stderr
    names = re.findall(r"^  ([a-z]+)  +\S", done.stdout.split("SUBCOMMANDS:")[1], re.MULTILINE)
    assert {"dev", "authority", "agent", "router", "egress", "authz", "inspect"} <= set(names)
    return names


def test_every_command_has_help_of_its_own():
    for name in commands():
        own = countersign(name, "--help")
        assert own.returncode == 0, (name, own.stderr)
        assert f"USAGE: countersign {name}" in own.stdout, name
        assert countersign("help", name).stdout == own.stdout, name


@pytest.mark.parametrize("arguments", [["rooter"], ["Router", "--config", "x"], ["--", "nobody"], ["rout"]])
def test_no_other_name_is_a_command(arguments):
    done = countersign(*arguments)
    assert done.returncode == USAGE_ERROR
    assert "Usage: countersign <subcommand>" in done.stderr
    assert not done.stdout


def test_a_command_without_its_options_tells_its_own_usage():
    done = countersign("router")
    assert done.returncode == USAGE_ERROR
    assert "Usage: countersign router --config <config>" in done.stderr


def test_completions_are_of_all_commands_wherever_they_are_asked_for():
    whole = countersign("--generate-completion-script", "bash")
    assert whole.returncode == 0 and "_countersign_egress" in whole.stdout
    assert countersign("router", "--generate-completion-script", "bash").stdout == whole.stdout


def test_options_of_the_whole_are_known_without_a_command():
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", countersign("--version").stdout)
    done = countersign("--config", "x")
    assert done.returncode == USAGE_ERROR and "Unknown option '--config'" in done.stderr
