"""The statements of a pulled archive as a table of accounts and days."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from bluelamp.accounts.model import Account
from bluelamp.audit.archive import pull
from bluelamp.audit.note import LocalSigner
from bluelamp.audit.sequencer import Sequencer
from bluelamp.audit.verify import verify
from bluelamp.cli import main
from bluelamp.cloud.memory import MemoryBucket, MemoryQueue, MemoryTable
from bluelamp.completeness.service import Coverage, Statements
from bluelamp.completeness.store import CompletenessStore
from bluelamp.platforms.contract import AccountRef

MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Two days of two accounts: one read throughout, one with a gap that a late poll recovers."""
    table, bucket, now = MemoryTable(), MemoryBucket(), MIDNIGHT
    store = CompletenessStore(table)
    coverage = Coverage(store)
    accounts = [
        Account(id=f"facebook-{n}", platform="facebook", native_id=str(n), name="A", kind="neighbourhood", team="t",
                since=MIDNIGHT)
        for n in (1, 2)
    ]  # fmt: skip
    refs = [AccountRef(account_id=a.id, platform="facebook", native_id=a.native_id) for a in accounts]
    statements = Statements(store, accounts=lambda: accounts, wake=lambda: None, clock=lambda: now)
    for minute in range(0, 2 * 1440 + 30, 5):
        now = MIDNIGHT + timedelta(minutes=minute)
        for ref in refs:
            if ref is refs[0] or not 1400 < minute < 1600:
                coverage.beat(ref, now)
        if minute % 60 == 20:
            statements.write()
    sequencer = Sequencer(
        table=table, bucket=bucket, actions=MemoryQueue(), signer=LocalSigner(bytes(32)),
        origin="log.example/bluelamp/test", clock=lambda: now,
    )  # fmt: skip
    sequencer.run()
    directory = tmp_path_factory.mktemp("archive")
    pull(bucket, directory)
    return directory


def run(archive, *words):
    done = CliRunner().invoke(main, ["archive", "completeness", str(archive), *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_archive_verifies_and_every_statement_of_a_day_stands_in_it(archive):
    assert verify(archive).verdict == "OK"


def test_accounts_and_days_stand_in_a_table_and_the_gaps_below(archive):
    head, one, two, *gaps = run(archive).splitlines()
    assert head.split() == ["account", "2026-11-21", "2026-11-22"]
    assert one.split() == ["facebook-1", "complete", "complete"]
    assert two.split() == ["facebook-2", "recovered", "recovered"]
    assert gaps == [
        "facebook-2 2026-11-21: gap 23:20 to 00:00, recovered",
        "facebook-2 2026-11-22: gap 00:00 to 02:40, recovered",
    ]


def test_it_can_be_narrowed_and_had_as_json(archive):
    found = json.loads(run(archive, "--json", "--account", "facebook-2", "--until", "2026-11-21"))
    (said,) = found
    assert (said["account"], said["day"], said["version"], said["status"]) == ("facebook-2", "2026-11-21", 2, "gap")
    assert said["year"] == 2026
    assert run(archive, "--since", "2027-01-01") == "The archive states nothing of these days.\n"


def test_a_folder_without_an_archive_is_named(tmp_path):
    done = CliRunner().invoke(main, ["archive", "completeness", str(tmp_path)])
    assert done.exit_code == 1
    assert "holds no records" in done.output
