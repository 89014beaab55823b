"""The evidence store by itself: what it refuses, and that the proof would notice if it did not."""

import signal

import pytest
from botocore.exceptions import ClientError

from bluelamp.cli.local import ports, proof
from bluelamp.cli.local.errors import EvidenceUnsafeError
from bluelamp.cli.local.paths import ROOT
from bluelamp.cli.local.state import StateFolder
from bluelamp.cli.local.template import Template
from bluelamp.cli.local.weed import AUDITOR, KEEPER, EvidenceStore

NAMES = {"EvidenceBucket": "evidence", "ContentBucket": "content"}

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    state = StateFolder(tmp_path_factory.mktemp("evidence"))
    state.open()
    started = EvidenceStore(state, ports.choose({}))
    started.start()
    yield started
    # Nothing here is worth the quarter of a minute that it takes to go by itself.
    started.child.stop(signal.SIGKILL, grace=10)
    state.close()


@pytest.fixture(scope="module")
def identities(store):
    template = Template(ROOT)
    return store.furnish(NAMES, template.locked_buckets(), template.s3_grants())


def test_everything_that_could_weaken_evidence_is_withstood(store, identities):
    found = proof.prove(store, "evidence", identities, writer="seal")
    assert found.identities == len(identities) + 1
    assert found.attempts >= 12 * found.identities


def test_content_is_held_as_evidence_is(store, identities):
    # Whoever takes posts in puts content and cannot look at it: the auditor looks.
    found = proof.prove(store, "content", identities, writer="ingest", reader=AUDITOR)
    assert found.attempts >= 12 * found.identities


def test_furnishing_again_changes_nothing(store, identities):
    template = Template(ROOT)
    assert store.furnish(NAMES, template.locked_buckets(), template.s3_grants()) == identities
    proof.prove(store, "evidence", identities, writer="seal")


def test_the_proof_notices_an_administrator_who_kept_the_rights(store, identities):
    template = Template(ROOT)
    store._write_identities({"seal": {"Read:evidence", "Write:evidence", "List:evidence"}}, keeper=True)
    store._wait_reloaded(store.client(KEEPER), NAMES, rules=True)
    try:
        with pytest.raises(EvidenceUnsafeError, match="keeper"):
            proof.prove(store, "evidence", identities, writer="seal")
    finally:
        store.furnish(NAMES, template.locked_buckets(), template.s3_grants())


def test_the_auditor_reads_and_changes_nothing(store, identities):
    store.client("seal").put_object(Bucket="evidence", Key="2026/entries/0", Body=b"leaf", IfNoneMatch="*")
    auditor = store.client(AUDITOR)
    version = auditor.list_object_versions(Bucket="evidence", Prefix="2026/")["Versions"][0]["VersionId"]
    assert auditor.get_object(Bucket="evidence", Key="2026/entries/0")["Body"].read() == b"leaf"
    for refused in (
        lambda: auditor.put_object(Bucket="evidence", Key="2026/entries/1", Body=b"x"),
        lambda: auditor.delete_object(Bucket="evidence", Key="2026/entries/0"),
        lambda: auditor.delete_object(Bucket="evidence", Key="2026/entries/0", VersionId=version),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused()


def test_what_is_there_is_not_written_over(store, identities):
    seal = store.client("seal")
    seal.put_object(Bucket="evidence", Key="2026/once", Body=b"first", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        seal.put_object(Bucket="evidence", Key="2026/once", Body=b"second", IfNoneMatch="*")


def test_the_lock_holds_after_a_crash_and_on_other_ports(store, identities):
    store.client("seal").put_object(Bucket="evidence", Key="2026/kept", Body=b"kept", IfNoneMatch="*")
    store.child.stop(signal.SIGKILL, grace=10)
    moved = {name: port + 1 if ports.is_free(port + 1) else port for name, port in ports.choose({}).items()}
    again = EvidenceStore(store._state, moved)
    again.start()
    try:
        assert again.client(AUDITOR).get_object(Bucket="evidence", Key="2026/kept")["Body"].read() == b"kept"
        proof.prove(again, "evidence", identities, writer="seal")
    finally:
        again.child.stop(signal.SIGKILL, grace=10)
        store.start()
