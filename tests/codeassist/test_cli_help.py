"""Who asks for help gets it."""

import argparse

import pytest

from codeassist.cli import ADD


def _is_group(action):
    """Commands below a command are listed one by one."""
    return isinstance(action, argparse._SubParsersAction)


def _commands():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    for add in ADD:
        add(commands)
    return _below("codeassist", parser)


def _below(name, parser):
    for action in parser._actions:
        if _is_group(action):
            for word, command in action.choices.items():
                yield pytest.param(action, word, command, id=f"{name} {word}")
                yield from _below(f"{name} {word}", command)


@pytest.mark.parametrize(("action", "word", "command"), [*_commands()])
def test_all_is_explained(action, word, command):
    """Every command, and everything that may stand behind it, says what it is for."""
    listed = {each.dest: each.help for each in action._choices_actions}
    assert listed[word]

    arguments = (each for each in command._actions if not _is_group(each))
    assert [each.dest for each in arguments if not each.help] == []
