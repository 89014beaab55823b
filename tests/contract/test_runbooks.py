"""What the runbooks and the alarms tell somebody to type exists, and every command for operators is told somewhere."""

from __future__ import annotations

import re

import click
import pytest

from bluelamp.cli import main
from tests.contract.infra_template import ROOT, load, resources

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "runbooks").glob("*.md"))]
OPERATORS = {"admin", "person", "grant", "groups", "account", "secret", "redrive", "recover"}
TYPED = re.compile(r"(?:(?<=`)|(?<=^)|(?<=bin/))bluelamp ((?:[^`\n\\#]|\\\n)+)", flags=re.MULTILINE)


def command_of(words: list[str]) -> tuple[str, click.Command]:
    """Return the command that these words name, and its path."""
    context, command, path = click.Context(main), main, []
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        if found is None:
            break
        path.append(words.pop(0))
        command = found
    return " ".join(path), command


def typed(text: str) -> list[str]:
    return [found.replace("\\\n", " ") for found in TYPED.findall(text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_to_be_typed_exists(page):
    for line in typed(page.read_text(encoding="utf-8")):
        words = line.split()
        path, command = command_of(words)
        assert path, f"{page.name}: there is no command {line!r}"
        if isinstance(command, click.Group):
            assert not [word for word in words if word.startswith("--")], (page.name, line)
            continue
        known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= known, (page.name, line)


def leaves_of(command, path):
    """Yield the commands within a group, those of groups within it as well."""
    if not isinstance(command, click.Group):
        yield path
        return
    for name, inside in command.commands.items():
        yield from leaves_of(inside, f"{path} {name}")


def test_every_command_for_operators_is_told():
    told = {command_of(line.split())[0] for page in PAGES for line in typed(page.read_text(encoding="utf-8"))}
    context = click.Context(main)
    for name in OPERATORS:
        command = main.get_command(context, name)
        assert set(leaves_of(command, name)) <= told


def test_each_alarm_of_dead_letters_tells_the_command():
    alarms = resources("AWS::CloudWatch::Alarm", "alarms.yaml")
    dead = [one["Properties"] for name, one in alarms.items() if name.endswith("DeadLetters")]
    assert len(dead) >= 7
    for alarm in dead:
        (queue,) = re.findall(r"\}-(\w+)-dead", alarm["Dimensions"][0]["Value"]["Fn::Sub"])
        assert f"`bluelamp redrive {queue}" in alarm["AlarmDescription"]


def test_every_queue_with_dead_letters_can_be_redriven_and_its_reader_is_told():
    outputs, told = load()["Outputs"], (ROOT / "docs" / "runbooks" / "redrive.md").read_text(encoding="utf-8")
    queues = resources("AWS::SQS::Queue", "data.yaml")
    sources = [name for name, one in queues.items() if "RedrivePolicy" in one["Properties"]]
    assert len(sources) >= 6
    for source in sources:
        assert f"{source}Url" in outputs  # `bluelamp redrive` finds the queues there
        assert f"`{source.removesuffix('Queue').lower()}` " in told
