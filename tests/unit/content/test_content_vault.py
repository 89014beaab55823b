"""Content: what is kept opens to the same bytes under its own key and account alone, and not at all without the key."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from bluelamp.audit.leaf import Content
from bluelamp.cloud.kms import DataKeyRefusedError
from bluelamp.cloud.memory import Faults, MemoryBucket, MemoryDataKeys, MemoryTable
from bluelamp.cloud.s3 import ObjectContendedError, ObjectExistsError
from bluelamp.content.keys import DataKeyCache
from bluelamp.content.model import ContentBrokenError, ContentGoneError, Entry
from bluelamp.content.store import KeyStore
from bluelamp.content.vault import MAX_ENTRIES, Vault

ACCOUNT = "facebook-1"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Kit:
    """A vault in memory, its calls counted by name."""

    def __init__(self, **bounds: object) -> None:
        self.calls: list[str] = []
        faults = Faults()
        faults.before = self.calls.append
        self.bucket = MemoryBucket(faults)
        self.table = MemoryTable(faults)
        self.kms = MemoryDataKeys()
        self.data_keys = DataKeyCache(self.kms, **bounds)
        self.keys = KeyStore(self.table)
        self.vault = self.fresh(self.data_keys)

    def fresh(self, data_keys: DataKeyCache | None = None) -> Vault:
        """A vault of another process: it remembers no data key."""
        return Vault(
            bucket=self.bucket,
            keys=self.keys,
            data_keys=data_keys or DataKeyCache(self.kms),
            clock=lambda: NOW,
        )


@pytest.fixture
def kit() -> Kit:
    return Kit()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["", "x-1", "facebook-\u00e9"]), st.binary(max_size=200)), max_size=6))
def test_what_is_kept_opens_to_the_same_bytes(entries):
    kit = Kit()
    contents = kit.vault.keep([Entry(account, body) for account, body in entries])
    for (account, body), content in zip(entries, contents, strict=True):
        assert kit.fresh().open(account, content) == body


def test_a_batch_is_one_object_one_record_and_one_data_key(kit):
    kit.vault.keep([Entry(ACCOUNT, b"%d" % n) for n in range(40)])
    assert kit.calls == ["put_if_absent", "write"]
    assert kit.kms.calls == ["generate"]


def test_nothing_to_keep_costs_nothing(kit):
    assert kit.vault.keep([]) == []
    assert kit.calls == kit.kms.calls == []


def test_the_pack_is_what_the_design_says_to_the_byte(kit):
    contents = kit.vault.keep([Entry(ACCOUNT, b"first"), Entry(ACCOUNT, b"second")])
    ((name, pack),) = kit.bucket.objects.items()
    assert name == f"2026/11/{hashlib.sha256(pack).hexdigest()}"
    assert [(c.pack, c.version_id) for c in contents] == [(name, "v1")] * 2
    assert (contents[0].offset, contents[1].offset, len(pack)) == (0, contents[0].length, 2 * 28 + 11)
    for content, plain in zip(contents, (b"first", b"second"), strict=True):
        revealed = kit.vault.reveal(ACCOUNT, content)
        assert revealed.cipher == pack[content.offset :][: content.length]
        assert hashlib.sha256(revealed.cipher).hexdigest() == content.sha256
        # As anybody can repeat it who has the export: nonce, ciphertext and tag, bound to account and key id.
        about = b"bluelamp/content/1\n" + ACCOUNT.encode() + b"\n" + content.key_id.encode()
        assert (
            AESGCM(revealed.key).decrypt(revealed.cipher[:12], revealed.cipher[12:], about) == plain == revealed.plain
        )


def test_the_key_record_holds_wrapped_keys_alone(kit):
    (content,) = kit.vault.keep([Entry(ACCOUNT, b"plain")])
    item = kit.table.items[f"PACK#{content.pack.rpartition('/')[2]}", "KEYS"]
    assert item.keys() == {"pk", "sk", "schema", "data_key", "keys"}
    wrapped = item["keys"][content.key_id]
    key = kit.vault.reveal(ACCOUNT, content).key
    assert key not in wrapped
    plain_data_key = kit.kms.decrypt(item["data_key"])
    assert AESGCM(plain_data_key).decrypt(wrapped[:12], wrapped[12:], f"{ACCOUNT}\n{content.key_id}".encode()) == key


def test_equal_entries_share_neither_key_nor_ciphertext(kit):
    one, other = kit.vault.keep([Entry(ACCOUNT, b"same")] * 2)
    assert one.key_id != other.key_id
    assert one.sha256 != other.sha256


@pytest.mark.parametrize("bit", range(8))
def test_every_changed_bit_is_noticed(kit, bit):
    (content,) = kit.vault.keep([Entry(ACCOUNT, b"abc")])
    pack = kit.bucket.objects[content.pack]
    for place in range(len(pack)):
        kit.bucket.objects[content.pack] = pack[:place] + bytes([pack[place] ^ 1 << bit]) + pack[place + 1 :]
        with pytest.raises(ContentBrokenError):
            kit.vault.open(ACCOUNT, content)


def test_another_account_another_key_or_another_place_does_not_open(kit):
    one, other = kit.vault.keep([Entry(ACCOUNT, b"one."), Entry(ACCOUNT, b"two.")])
    swapped = [
        ("facebook-2", one),
        ("", one),
        (ACCOUNT, one.model_copy(update={"key_id": other.key_id})),
        (ACCOUNT, one.model_copy(update={"offset": other.offset})),
        (ACCOUNT, one.model_copy(update={"offset": other.offset, "sha256": other.sha256})),
        (ACCOUNT, one.model_copy(update={"length": one.length + 1})),
        (ACCOUNT, one.model_copy(update={"version_id": "v9"})),
    ]
    for account, content in swapped:
        with pytest.raises(ContentBrokenError):
            kit.vault.open(account, content)


def test_a_wrapped_key_under_another_id_does_not_open(kit):
    one, other = kit.vault.keep([Entry(ACCOUNT, b"one."), Entry(ACCOUNT, b"two.")])
    (item,) = kit.table.items.values()
    item["keys"][one.key_id] = item["keys"][other.key_id]
    with pytest.raises(ContentBrokenError):
        kit.vault.open(ACCOUNT, one)


def test_a_record_that_points_nowhere_says_so(kit):
    for content in (
        Content(sha256="0" * 64, length=30),
        Content(sha256="0" * 64, length=30, pack="2026/11/no-digest", offset=0, key_id="k"),
    ):
        with pytest.raises(ContentBrokenError, match="points at no content"):
            kit.vault.open(ACCOUNT, content)


def test_a_pack_that_is_gone_is_broken_not_disposed_of(kit):
    (content,) = kit.vault.keep([Entry(ACCOUNT, b"x")])
    kit.bucket.objects.clear()
    with pytest.raises(ContentBrokenError, match="was under lock"):
        kit.vault.open(ACCOUNT, content)


def test_one_is_disposed_of_and_the_others_stay(kit):
    one, other = kit.vault.keep([Entry(ACCOUNT, b"one"), Entry(ACCOUNT, b"other")])
    assert kit.vault.destroy(one) is True
    assert kit.vault.destroy(one) is False
    with pytest.raises(ContentGoneError, match=one.key_id):
        kit.vault.open(ACCOUNT, one)
    assert kit.vault.open(ACCOUNT, other) == b"other"
    assert one.key_id not in repr(kit.table.items)


def test_without_a_key_record_content_is_gone(kit):
    (content,) = kit.vault.keep([Entry(ACCOUNT, b"x")])
    kit.table.items.clear()
    assert kit.vault.destroy(content) is False
    with pytest.raises(ContentGoneError):
        kit.vault.open(ACCOUNT, content)


def test_destroying_twice_at_once_destroys_once(kit):
    (content,) = kit.vault.keep([Entry(ACCOUNT, b"x")])

    def somebody_else(name):
        if name == "write":
            kit.table.faults.before = None
            assert kit.fresh().destroy(content) is True

    kit.table.faults.before = somebody_else
    assert kit.vault.destroy(content) is False


def test_until_its_keys_are_written_a_pack_tells_nobody_anything(kit):
    packed = kit.vault.pack([Entry(ACCOUNT, b"x")])
    with pytest.raises(ContentGoneError):
        kit.vault.open(ACCOUNT, packed.contents[0])
    kit.table.transact(packed.writes)
    assert kit.vault.open(ACCOUNT, packed.contents[0]) == b"x"


def test_a_put_whose_answer_was_lost_counts_as_put(kit):
    put = kit.bucket.put_if_absent

    def lost(key, body, **_):
        put(key, body)
        raise ObjectExistsError("the second try of the client")

    kit.bucket.put_if_absent = lost
    (content,) = kit.vault.keep([Entry(ACCOUNT, b"x")])
    assert content.version_id is None
    assert kit.vault.open(ACCOUNT, content) == b"x"


def test_a_contended_put_is_tried_again_and_then_given_up(kit):
    put, tries = kit.bucket.put_if_absent, []

    def contended(key, body, **_):
        tries.append(key)
        if len(tries) < 3:
            raise ObjectContendedError("another put is under way")
        return put(key, body)

    kit.bucket.put_if_absent = contended
    (content,) = kit.vault.keep([Entry(ACCOUNT, b"x")])
    assert len(tries) == 3
    assert content.version_id == "v1"
    kit.bucket.put_if_absent = _always_contended
    with pytest.raises(ObjectContendedError):
        kit.vault.keep([Entry(ACCOUNT, b"x")])


def _always_contended(key, body, **_):
    raise ObjectContendedError("another put is under way")


def test_a_record_whose_answer_was_lost_is_not_an_error(kit):
    packed = kit.vault.pack([Entry(ACCOUNT, b"x")])
    for _ in range(2):
        kit.keys.write(packed.writes[0])
    assert kit.vault.open(ACCOUNT, packed.contents[0]) == b"x"


def test_more_than_a_record_holds_is_refused(kit):
    with pytest.raises(ValueError, match="in several"):
        kit.vault.keep([Entry(ACCOUNT, b"")] * (MAX_ENTRIES + 1))
    assert kit.calls == []


@pytest.mark.slow
def test_the_largest_record_fits_into_an_item(kit):
    kit.vault.keep([Entry(ACCOUNT, b"")] * MAX_ENTRIES)
    (item,) = kit.table.items.values()
    assert sum(len(key) + len(value) + 2 for key, value in item["keys"].items()) < 350 * 1024


def test_ten_thousand_entries_cost_a_call_or_two_of_kms(kit):
    contents = [c for _ in range(250) for c in kit.vault.keep([Entry(ACCOUNT, b"x")] * 40)]
    assert len(contents) == 10_000
    assert kit.kms.calls == ["generate"]
    reader = kit.fresh()
    for content in contents[::500]:
        reader.open(ACCOUNT, content)
    assert kit.kms.calls == ["generate", "decrypt"]


class TestDataKeyCache:
    def test_a_data_key_is_used_for_its_time_and_no_longer(self):
        now = [0.0]
        kms = MemoryDataKeys()
        cache = DataKeyCache(kms, seconds=10, clock=lambda: now[0])
        first = cache.current(1)
        now[0] = 9.9
        assert cache.current(1) == first
        now[0] = 10
        assert cache.current(1) != first
        assert kms.calls == ["generate"] * 2

    def test_a_data_key_is_used_so_often_and_no_more(self):
        kms = MemoryDataKeys()
        cache = DataKeyCache(kms, uses=5)
        keys = [cache.current(2) for _ in range(4)]
        assert keys[0] == keys[1] != keys[2] == keys[3]

    def test_what_was_opened_is_remembered_within_bounds(self):
        kms = MemoryDataKeys()
        sealed = [kms.generate()[1] for _ in range(3)]
        kms.calls.clear()
        cache = DataKeyCache(kms, opened=2)
        for one in (sealed[0], sealed[1], sealed[0], sealed[2], sealed[0], sealed[1]):
            cache.open(one)
        assert len(kms.calls) == 4, "0, 1 and 2 once each, and 1 again when 2 had taken its place"

    def test_an_opened_key_is_forgotten_in_time(self):
        now = [0.0]
        kms = MemoryDataKeys()
        _, sealed = kms.generate()
        cache = DataKeyCache(kms, seconds=10, clock=lambda: now[0])
        cache.open(sealed)
        now[0] = 10
        cache.open(sealed)
        assert kms.calls == ["generate", "decrypt", "decrypt"]

    def test_what_kms_refuses_is_refused(self):
        cache = DataKeyCache(MemoryDataKeys())
        with pytest.raises(DataKeyRefusedError):
            cache.open(b"of another key")
        with pytest.raises(DataKeyRefusedError):
            cache.open(b"of another key")

    def test_no_key_shows_itself(self, kit):
        data_key = kit.data_keys.current(1)
        (content,) = kit.vault.keep([Entry(ACCOUNT, b"very plain")])
        for shown in (data_key, Entry(ACCOUNT, b"very plain"), kit.vault.reveal(ACCOUNT, content)):
            assert "plain" not in repr(shown)
            assert dataclasses.is_dataclass(shown)
