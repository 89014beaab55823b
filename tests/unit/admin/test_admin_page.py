"""The page reaches the edge's bucket so that nobody who has it open, or loads it just then, misses a file."""

from __future__ import annotations

import json

import pytest

from bluelamp.cli.deploy import publish_page
from bluelamp.cli.page import CONTENT_TYPES, Page, PageError, publish

BUCKET, DISTRIBUTION = "web", "E123"


class Recorder:
    """CloudFront and S3 as called, in order; S3's calls reach moto."""

    def __init__(self, s3):
        self._s3 = s3
        self.calls = []
        self.fail = ""

    def __getattr__(self, name):
        genuine = getattr(self._s3, name)
        if name not in {"put_object", "delete_object"}:
            return genuine

        def call(**given):
            self.calls.append((name, given["Key"]))
            return genuine(**given)

        return call

    def create_invalidation(self, **given):
        self.calls.append(("create_invalidation", given["DistributionId"]))
        if self.fail:
            raise ConnectionError(self.fail)
        self.invalidated = given["InvalidationBatch"]["Paths"]["Items"]


@pytest.fixture
def edge(deployment):
    s3 = deployment.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    return Recorder(s3)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>one", encoding="utf-8")
    (tmp_path / "assets" / "index-a1.js").write_text("1", encoding="utf-8")
    (tmp_path / "assets" / "style-a1.css").write_text("a{}", encoding="utf-8")
    (tmp_path / "lamp.svg").write_text("<svg/>", encoding="utf-8")
    return tmp_path


def bring(edge, folder):
    edge.calls = []
    return publish(Page.built(folder), s3=edge, bucket=BUCKET, cloudfront=edge, distribution=DISTRIBUTION)


def renew(folder, old, new):
    (folder / "assets" / old).rename(folder / "assets" / new)
    (folder / "index.html").write_text(f"<!doctype html>{new}", encoding="utf-8")


def names(edge):
    return sorted(found["Key"] for found in edge.list_objects_v2(Bucket=BUCKET)["Contents"])


def test_the_index_comes_last_and_then_the_edge_is_told(edge, folder):
    assert bring(edge, folder)
    assert edge.calls == [
        ("put_object", "assets/index-a1.js"),
        ("put_object", "assets/style-a1.css"),
        ("put_object", "lamp.svg"),
        ("put_object", "index.html"),
        ("create_invalidation", DISTRIBUTION),
        ("put_object", "deployed"),
    ]
    assert edge.invalidated == ["/", "/index.html"]


def test_each_file_says_what_it_is_and_how_long_it_lasts(edge, folder):
    bring(edge, folder)
    found = {name: edge.head_object(Bucket=BUCKET, Key=name) for name in names(edge)}
    assert found["assets/index-a1.js"]["ContentType"] == "text/javascript; charset=utf-8"
    assert found["assets/style-a1.css"]["ContentType"] == "text/css; charset=utf-8"
    assert found["lamp.svg"]["ContentType"] == "image/svg+xml"
    assert "immutable" in found["assets/index-a1.js"]["CacheControl"]
    assert {found[name]["CacheControl"] for name in ("index.html", "lamp.svg", "deployed")} == {"no-cache"}


def test_what_has_not_changed_is_not_brought_again(edge, folder):
    bring(edge, folder)
    assert not bring(edge, folder)
    assert edge.calls == []


def test_a_file_stays_for_one_deployment_after_its_last(edge, folder):
    bring(edge, folder)
    renew(folder, "index-a1.js", "index-b2.js")
    bring(edge, folder)
    assert {"assets/index-a1.js", "assets/index-b2.js"} <= set(names(edge))
    renew(folder, "index-b2.js", "index-c3.js")
    bring(edge, folder)
    assert names(edge) == [
        "assets/index-b2.js",
        "assets/index-c3.js",
        "assets/style-a1.css",
        "deployed",
        "index.html",
        "lamp.svg",
    ]


def test_a_run_that_was_cut_off_is_done_again(edge, folder):
    edge.fail = "the line is down"
    with pytest.raises(ConnectionError):
        bring(edge, folder)
    edge.fail = ""
    assert bring(edge, folder)
    assert json.loads(edge.get_object(Bucket=BUCKET, Key="deployed")["Body"].read())["digest"]


def test_an_unbuilt_page_says_what_to_do(tmp_path):
    with pytest.raises(PageError, match="run make setup"):
        Page.built(tmp_path)


def test_an_odd_file_is_refused_before_anything_is_brought(folder):
    (folder / "notes.docx").write_text("x", encoding="utf-8")
    with pytest.raises(PageError, match=r"notes\.docx has no content type"):
        Page.built(folder)


def test_every_kind_of_text_names_its_encoding():
    assert all("charset=utf-8" in kind for kind in CONTENT_TYPES.values() if kind.startswith("text/"))


def test_without_the_edge_one_line_says_so(folder):
    outputs = {"TableName": "t"}
    for page in (None, Page.built(folder)):
        assert "There is no edge" in publish_page(page, outputs, "eu-west-2")


@pytest.mark.slow
def test_a_deployment_with_the_edge_ends_with_the_page(deployment, edge, folder):
    cloudfront = deployment.client("cloudfront")
    made = cloudfront.create_distribution(
        DistributionConfig={
            "CallerReference": "1",
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {"Id": "page", "DomainName": "web.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
                ],
            },
            "DefaultCacheBehavior": {"TargetOriginId": "page", "ViewerProtocolPolicy": "redirect-to-https"},
            "Comment": "",
            "Enabled": True,
        }
    )["Distribution"]["Id"]
    outputs = {"WebBucket": BUCKET, "DistributionId": made}
    page = Page.built(folder)
    assert "4 files" in publish_page(page, outputs, "eu-west-2")
    assert publish_page(page, outputs, "eu-west-2") == "The page is as it was."
    assert cloudfront.list_invalidations(DistributionId=made)["InvalidationList"]["Quantity"] == 1
