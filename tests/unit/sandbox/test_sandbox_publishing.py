"""What the stand-ins do with uploads and publications, and how they refuse."""

import hashlib
import io
import json

import pytest

PAGE, TOKEN = "100064000000001", "page-token"
USER, X_TOKEN = "1200000000000000001", "x-token"
BYTES = bytes(range(256)) * 10


def send(sandbox, path, token, **form):
    """Post a form, with bytes where a value is bytes."""
    data = {k: (io.BytesIO(v), "part") if isinstance(v, bytes) else v for k, v in form.items()}
    return sandbox.http.post(path, data=data, headers={"Authorization": f"Bearer {token}"})


def graph(sandbox, edge, **form):
    return send(sandbox, f"/graph/v26.0/{PAGE}/{edge}", TOKEN, **form)


def upload(sandbox, content=BYTES, category="tweet_image"):
    about = {"media_type": "image/jpeg", "total_bytes": len(content), "media_category": category}
    key = sandbox.x("POST", "/media/upload/initialize", **about).json["data"]["id"]
    assert (
        send(sandbox, f"/x/2/media/upload/{key}/append", X_TOKEN, segment_index="0", media=content).status_code == 200
    )
    assert sandbox.x("POST", f"/media/upload/{key}/finalize").status_code == 200
    return key


class TestFacebook:
    def picture(self, sandbox):
        return graph(sandbox, "photos", source=BYTES, published="false", alt_text_custom="A lamp").json["id"]

    def test_a_picture_is_counted_and_hashed_and_shown_to_nobody(self, sandbox):
        key = self.picture(sandbox)
        (kept,) = sandbox.look("/uploads/facebook")["uploads"]
        assert (kept["id"], kept["size"], kept["alt"]) == (key, len(BYTES), "A lamp")
        assert kept["sha256"] == hashlib.sha256(BYTES).hexdigest()
        assert sandbox.look("/publications/facebook")["count"] == 0
        assert sandbox.pushed() == []

    def test_a_picture_that_is_published_at_once(self, sandbox):
        made = graph(sandbox, "photos", source=BYTES, message="Look").json
        assert sandbox.look("/publications/facebook")["publications"][0]["id"] == made["post_id"]

    def test_several_pictures_stand_below_one_album(self, sandbox):
        keys = [self.picture(sandbox), self.picture(sandbox)]
        attached = {f"attached_media[{n}]": json.dumps({"media_fbid": key}) for n, key in enumerate(keys)}
        post = graph(sandbox, "feed", message="Both", **attached).json["id"]
        shown = sandbox.graph("GET", f"/{post}", fields="attachments{subattachments{target{id}}}").json["attachments"]
        below = shown["data"][0]["subattachments"]["data"]
        assert [one["target"]["id"] for one in below] == keys

    def test_a_picture_serves_once(self, sandbox):
        attached = {"attached_media[0]": json.dumps({"media_fbid": self.picture(sandbox)})}
        assert graph(sandbox, "feed", **attached).status_code == 200
        assert graph(sandbox, "feed", **attached).json["error"]["code"] == 100

    @pytest.mark.parametrize(
        "form",
        [
            {},
            {"link": "nonsense"},
            {"attached_media[0]": "nonsense"},
            {"attached_media": "[1]"},
            {"attached_media[0]": '{"media_fbid": "1"}'},
        ],
    )
    def test_what_is_no_publication(self, sandbox, form):
        assert graph(sandbox, "feed", **form).json["error"]["code"] == 100
        assert sandbox.look("/publications/facebook")["count"] == 0

    def test_no_picture_in_it(self, sandbox):
        assert graph(sandbox, "photos", published="false").json["error"]["code"] == 324

    def start(self, sandbox):
        return graph(sandbox, "videos", upload_phase="start", file_size=str(len(BYTES))).json

    def part(self, sandbox, session, start, content):
        return graph(
            sandbox,
            "videos",
            upload_phase="transfer",
            upload_session_id=session,
            start_offset=str(start),
            video_file_chunk=content,
        ).json

    def test_a_video_in_parts_as_the_platform_asks_for_them(self, sandbox):
        sandbox.control("/settings", method="PATCH", video_part=1000)
        begun = self.start(sandbox)
        assert (begun["start_offset"], begun["end_offset"]) == ("0", "1000")
        wrong = self.part(sandbox, begun["upload_session_id"], 500, BYTES[500:1000])["error"]
        assert (wrong["error_subcode"], wrong["error_data"]) == (1363037, {"start_offset": "0", "end_offset": "1000"})
        sandbox.control("/faults", kind="short_part", times=1)
        assert self.part(sandbox, begun["upload_session_id"], 0, BYTES[:1000])["start_offset"] == "500"
        assert self.part(sandbox, begun["upload_session_id"], 500, BYTES[500:])["start_offset"] == str(len(BYTES))
        finish = {"upload_phase": "finish", "upload_session_id": begun["upload_session_id"], "description": "Film"}
        assert graph(sandbox, "videos", **finish).json == {"success": True}
        assert "error" in graph(sandbox, "videos", **finish).json
        (out,) = sandbox.look("/publications/facebook?text=Film")["publications"]
        assert out["uploads"][0]["sha256"] == hashlib.sha256(BYTES).hexdigest()
        states = [sandbox.graph("GET", f"/{begun['video_id']}", fields="status").json["status"] for _ in range(2)]
        assert [state["video_status"] for state in states] == ["processing", "ready"]

    def test_a_video_cannot_be_finished_before_it_is_whole(self, sandbox):
        begun = self.start(sandbox)
        finish = {"upload_phase": "finish", "upload_session_id": begun["upload_session_id"]}
        assert graph(sandbox, "videos", **finish).json["error"]["error_subcode"] == 1363037

    def test_a_session_lapses(self, sandbox):
        begun = self.start(sandbox)
        sandbox.later(25 * 3600)
        assert self.part(sandbox, begun["upload_session_id"], 0, BYTES)["error"]["error_subcode"] == 1363033

    def test_the_end_of_a_video_is_the_end_of_its_post(self, sandbox):
        begun = self.start(sandbox)
        self.part(sandbox, begun["upload_session_id"], 0, BYTES)
        graph(sandbox, "videos", upload_phase="finish", upload_session_id=begun["upload_session_id"])
        sandbox.graph("POST", f"/{begun['video_id']}", description="Changed")
        assert sandbox.look("/publications/facebook")["publications"][0]["text"] == "Changed"
        sandbox.graph("DELETE", f"/{begun['video_id']}")
        assert sandbox.graph("GET", f"/{begun['video_id']}").json["error"]["error_subcode"] == 33
        assert sandbox.graph("GET", f"/{PAGE}/videos").json["data"] == []

    def test_a_private_reply_once_and_within_seven_days(self, sandbox):
        comment = sandbox.comment(sandbox.own_post())["id"]
        message = {"recipient": {"comment_id": comment}, "message": {"text": "Please ring 101."}}
        asked = f"/{comment}"
        assert sandbox.graph("GET", asked, fields="can_reply_privately").json["can_reply_privately"] is True
        assert sandbox.graph("POST", f"/{PAGE}/messages", **message).status_code == 200
        assert sandbox.graph("GET", asked, fields="can_reply_privately").json["can_reply_privately"] is False
        assert sandbox.graph("POST", f"/{PAGE}/messages", **message).json["error"]["code"] == 10900
        late = sandbox.comment(sandbox.own_post())["id"]
        sandbox.later(8 * 24 * 3600)
        error = sandbox.graph("POST", f"/{PAGE}/messages", recipient={"comment_id": late}, message={"text": "Hm"}).json
        assert error["error"]["error_subcode"] == 2018278

    def test_who_is_blocked_can_be_asked_one_by_one(self, sandbox):
        people = [sandbox.comment(sandbox.own_post(), name=name)["author"]["id"] for name in ("Jo", "Al")]
        for person in people:
            sandbox.graph("POST", f"/{PAGE}/blocked", psid=person)
        assert len(sandbox.graph("GET", f"/{PAGE}/blocked").json["data"]) == 2
        assert [p["id"] for p in sandbox.graph("GET", f"/{PAGE}/blocked", user=people[0]).json["data"]] == people[:1]

    def test_a_like_counts_once_and_can_be_taken_back(self, sandbox):
        comment = sandbox.comment(sandbox.own_post())["id"]
        seen = []
        for method in ("POST", "POST", "DELETE"):
            sandbox.graph(method, f"/{comment}/likes")
            seen.append(sandbox.graph("GET", f"/{comment}", fields="user_likes,like_count").json)
        assert [(one["user_likes"], one["like_count"]) for one in seen] == [(True, 1), (True, 1), (False, 0)]


class TestX:
    def test_a_post_with_what_was_uploaded(self, sandbox):
        key = upload(sandbox)
        sandbox.x("POST", "/media/metadata", id=key, metadata={"alt_text": {"text": "A lamp"}})
        made = sandbox.x("POST", "/tweets", text="See https://a.uk/x", media={"media_ids": [key]}).json["data"]
        assert made["text"].count("https://t.co/") == 2
        shown = sandbox.x("GET", f"/tweets/{made['id']}", **{"tweet.fields": "attachments"}).json["data"]
        assert shown["attachments"]["media_keys"] == [f"3_{key}"]
        (out,) = sandbox.look("/publications/x")["publications"]
        assert out["said"] == "See https://a.uk/x"
        assert (out["uploads"][0]["sha256"], out["uploads"][0]["alt"]) == (hashlib.sha256(BYTES).hexdigest(), "A lamp")

    def test_segments_come_in_order_and_the_last_may_come_again(self, sandbox):
        about = {"media_type": "image/jpeg", "total_bytes": 20, "media_category": "tweet_image"}
        key = sandbox.x("POST", "/media/upload/initialize", **about).json["data"]["id"]
        path = f"/x/2/media/upload/{key}/append"
        codes = [
            send(sandbox, path, X_TOKEN, segment_index=number, media=b"a" * 10).status_code
            for number in ("1", "0", "0", "1", "nonsense")
        ]
        assert codes == [400, 200, 200, 200, 400]
        assert sandbox.x("POST", f"/media/upload/{key}/finalize").json["data"]["size"] == 20
        assert sandbox.x("POST", f"/media/upload/{key}/finalize").status_code == 400

    def test_an_upload_that_is_not_whole_cannot_be_used(self, sandbox):
        about = {"media_type": "image/jpeg", "total_bytes": 20, "media_category": "tweet_image"}
        key = sandbox.x("POST", "/media/upload/initialize", **about).json["data"]["id"]
        assert sandbox.x("POST", f"/media/upload/{key}/finalize").status_code == 400
        assert sandbox.x("POST", "/tweets", text="Hm", media={"media_ids": [key]}).status_code == 400

    @pytest.mark.parametrize(
        "about",
        [
            {"total_bytes": 6 * 1024 * 1024, "media_category": "tweet_image"},
            {"total_bytes": 0, "media_category": "tweet_image"},
            {"total_bytes": 5, "media_category": "nonsense"},
        ],
    )
    def test_what_cannot_be_uploaded(self, sandbox, about):
        assert sandbox.x("POST", "/media/upload/initialize", **about).status_code == 400

    def test_a_video_is_looked_at_first(self, sandbox):
        key = upload(sandbox, category="tweet_video")
        query = {"command": "STATUS", "media_id": key}
        early = sandbox.x("POST", "/tweets", text="Hm", media={"media_ids": [key]})
        states = [sandbox.x("GET", "/media/upload", **query).json["data"]["processing_info"]["state"] for _ in range(2)]
        assert (early.status_code, states) == (400, ["in_progress", "succeeded"])
        assert sandbox.x("POST", "/tweets", text="Hm", media={"media_ids": [key]}).status_code == 201
        assert sandbox.x("POST", "/tweets", text="Hm", media={"media_ids": [key, key]}).status_code == 400

    def test_what_was_uploaded_for_a_message_goes_into_no_post(self, sandbox):
        key = upload(sandbox, category="dm_image")
        assert sandbox.x("POST", "/tweets", text="Hm", media={"media_ids": [key]}).status_code == 400

    def test_what_was_uploaded_lapses(self, sandbox):
        key = upload(sandbox)
        sandbox.later(25 * 3600)
        assert sandbox.x("POST", "/tweets", text="Hm", media={"media_ids": [key]}).status_code == 400

    @pytest.mark.parametrize(
        "poll",
        [
            {"options": ["a"], "duration_minutes": 60},
            {"options": ["a", "b" * 26], "duration_minutes": 60},
            {"options": ["a", "b"], "duration_minutes": 4},
            {"options": "ab", "duration_minutes": 60},
        ],
    )
    def test_what_is_no_poll(self, sandbox, poll):
        assert sandbox.x("POST", "/tweets", text="Where?", poll=poll).status_code == 400

    def test_posts_are_counted_as_x_counts(self, sandbox):
        long = "https://a.uk/" + "a" * 300
        assert sandbox.x("POST", "/tweets", text=f"{'a' * 256} {long}").status_code == 201
        assert sandbox.x("POST", "/tweets", text=f"{'a' * 257} {long}").status_code == 400
        assert sandbox.x("POST", "/tweets", text="警" * 141).status_code == 400

    def test_the_latest_like_comes_first(self, sandbox):
        posts = [sandbox.control("/x/posts", text=f"@WealdshirePol {n}", author_name="Jo")["id"] for n in range(2)]
        for post in (*posts, posts[0]):
            sandbox.x("POST", f"/users/{USER}/likes", tweet_id=post)
        liked = sandbox.x("GET", f"/users/{USER}/liked_tweets").json["data"]
        assert [one["id"] for one in liked] == posts
        sandbox.x("DELETE", f"/users/{USER}/likes/{posts[0]}")
        assert [one["id"] for one in sandbox.x("GET", f"/users/{USER}/liked_tweets").json["data"]] == posts[1:]
        assert sandbox.x("POST", f"/users/{USER}/likes", tweet_id="1").status_code == 404


class TestASuccessThatDidNothing:
    def test_on_either_platform(self, sandbox):
        sandbox.control("/faults", kind="does_nothing", method="POST", times=2)
        assert "id" in graph(sandbox, "feed", message="Never").json
        assert sandbox.x("POST", "/tweets", text="Never").status_code == 201
        for platform in ("facebook", "x"):
            assert sandbox.look(f"/publications/{platform}")["count"] == 0
        assert sandbox.pushed() == []
        calls = sandbox.look("/calls")["calls"]
        assert [(call["acted"], call["fault"]) for call in calls] == [(False, "does_nothing")] * 2

    def test_the_next_call_acts_again(self, sandbox):
        sandbox.control("/faults", kind="does_nothing", method="POST", times=1)
        for _ in range(2):
            graph(sandbox, "feed", message="Once")
        assert sandbox.look("/publications/facebook?text=Once")["count"] == 1
        assert len(sandbox.pushed()) == 1

    def test_a_refusal_in_its_course_leaves_nothing_locked(self, sandbox):
        sandbox.control("/faults", kind="does_nothing", method="POST", times=1)
        assert graph(sandbox, "feed").json["error"]["code"] == 100
        assert graph(sandbox, "feed", message="Now").status_code == 200


def test_the_same_words_twice_are_two(sandbox):
    for _ in range(2):
        graph(sandbox, "feed", message="Double")
    assert sandbox.look("/publications/facebook?text=Double")["count"] == 2
    assert sandbox.look("/publications/facebook?text=Other")["count"] == 0


def test_uploads_outlive_a_restart_but_for_the_hash_of_one_that_was_under_way(furnished, tmp_path):
    before = furnished(tmp_path / "state.sqlite")
    begun = graph(before, "videos", upload_phase="start", file_size="20").json
    part = {"upload_phase": "transfer", "upload_session_id": begun["upload_session_id"]}
    graph(before, "videos", **part, start_offset="0", video_file_chunk=b"a" * 10)
    before.world.store.close()
    after = furnished(tmp_path / "state.sqlite")
    graph(after, "videos", **part, start_offset="10", video_file_chunk=b"b" * 10)
    (kept,) = after.look("/uploads/facebook")["uploads"]
    assert (kept["size"], kept["sha256"]) == (20, None)
    after.world.store.close()
