"""Content on the deployed stack: what a platform said lies in the content bucket byte for byte, and opens again."""

from __future__ import annotations

import hashlib
import json
import time

import pytest
from botocore.exceptions import ClientError

from bluelamp.audit.leaf import Content
from bluelamp.cli.local.weed import AUDITOR
from bluelamp.cloud.dynamodb import Table
from bluelamp.cloud.kms import DataKeyRefusedError, KmsDataKeys
from bluelamp.cloud.s3 import Bucket
from bluelamp.content.keys import DataKeyCache
from bluelamp.content.model import ContentGoneError
from bluelamp.content.store import KeyStore
from bluelamp.content.vault import Vault
from bluelamp.ids import post_id
from bluelamp.pseudonyms import Pseudonyms
from tests.support.stack import until

pytestmark = pytest.mark.stack


def data_keys(stack, purpose="content"):
    context = {"deployment": stack.stack._parameters()["Origin"], "purpose": purpose}
    return KmsDataKeys(stack.stack.cloud.client("kms"), stack.stack.outputs["ContentKeyId"], context)


@pytest.fixture
def vault(stack):
    """The vault as an auditor would put it together: reading keys for the bucket, the table and KMS."""
    outputs = stack.stack.outputs
    return Vault(
        bucket=Bucket(stack.stack.store.client(AUDITOR), outputs["ContentBucket"]),
        keys=KeyStore(Table(stack.stack.cloud.client("dynamodb"), outputs["KeyTableName"])),
        data_keys=DataKeyCache(data_keys(stack)),
    )


@pytest.fixture
def said(stack):
    """A comment whose webhook is spelled in an uncommon way, sent; the exact bytes of the change, and the post."""
    native = f"content_{time.time_ns()}"
    raw = stack.comment_webhook(native, "Caf\u00e9 window smashed \U0001f62e again")
    # Escapes, spaces and the order of keys are the platform's own, and none of them may be lost.
    raw = raw.replace(b'"changes": [{', b'"changes": [ {  "field" :"feed",\n\t').replace(b'"field": "feed", ', b"")
    account = stack.account("facebook")
    assert stack.webhook("facebook", raw).ok
    post = post_id(account["id"], native)
    until(lambda: stack.desk("comms").try_get(f"/posts/{post}").ok, "the post is there")
    change = raw[raw.index(b'{  "field"') : raw.rindex(b"]}]}")]
    assert json.loads(change)["value"]["comment_id"] == native
    return account, native, post, change


def leaf(stack, directory, account, native, kind):
    """Return the sealed leaf of a kind about a post."""
    key = Pseudonyms(stack.pseudonym_key()).post(account["id"], native)

    def look():
        found = [e for e in stack.sealed(directory) if e["type"] == kind and e.get("obj", {}).get("key") == key]
        return found[0] if found else None

    return until(look, f"a sealed {kind} leaf", seconds=90, every=1)


def test_what_the_platform_said_opens_again_byte_by_byte(stack, said, vault, tmp_path):
    account, native, _, change = said
    content = Content.model_validate(leaf(stack, tmp_path, account, native, "ingest")["content"])
    revealed = vault.reveal(account["id"], content)
    assert revealed.plain == change
    assert hashlib.sha256(revealed.cipher).hexdigest() == content.sha256
    assert content.version_id
    held = stack.stack.store.client(AUDITOR).head_object(
        Bucket=stack.stack.outputs["ContentBucket"], Key=content.pack, VersionId=content.version_id
    )
    assert held["ObjectLockMode"] == "GOVERNANCE"
    assert change not in revealed.cipher


def test_the_words_of_a_note_are_kept_and_stay_out_of_the_leaf(stack, said, vault, tmp_path):
    account, native, post, _ = said
    words = f"Rang the caretaker at ten. {time.time()}"
    stack.desk("comms").post(f"/posts/{post}/note", {"text": words})
    found = leaf(stack, tmp_path, account, native, "note")
    assert words not in json.dumps(found)
    assert vault.open(account["id"], Content.model_validate(found["content"])).decode() == words


def test_without_its_key_nobody_opens_it(stack, said, vault, tmp_path):
    account, native, _, _ = said
    content = Content.model_validate(leaf(stack, tmp_path, account, native, "ingest")["content"])
    assert vault.destroy(content) is True
    assert vault.destroy(content) is False
    with pytest.raises(ContentGoneError):
        vault.open(account["id"], content)


def test_a_data_key_opens_for_its_own_purpose_alone(stack):
    plain, sealed = data_keys(stack).generate()
    assert data_keys(stack).decrypt(sealed) == plain
    with pytest.raises(DataKeyRefusedError):
        data_keys(stack, purpose="anything else").decrypt(sealed)


def test_who_takes_posts_in_cannot_read_what_it_kept(stack, said, tmp_path):
    account, native, _, _ = said
    content = leaf(stack, tmp_path, account, native, "ingest")["content"]
    with pytest.raises(ClientError, match="AccessDenied"):
        stack.stack.store.client("ingest").get_object(Bucket=stack.stack.outputs["ContentBucket"], Key=content["pack"])
