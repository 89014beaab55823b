from bluelamp.cli.local.ministack import readdress


def test_queues_are_found_again_on_another_port(tmp_path):
    queues = tmp_path / "sqs.json"
    queues.write_text('{"url": "http://127.0.0.1:4566/000000000000/bluelamp-ingest"}', encoding="utf-8")
    readdress(tmp_path, 41000)
    assert queues.read_text(encoding="utf-8") == '{"url": "http://127.0.0.1:41000/000000000000/bluelamp-ingest"}'


def test_other_addresses_are_left_alone(tmp_path):
    other = tmp_path / "lambda.json"
    text = '{"GRAPH": "http://127.0.0.1:4700/graph", "PAGE": "http://127.0.0.1:4500"}'
    other.write_text(text, encoding="utf-8")
    before = other.stat().st_mtime_ns
    readdress(tmp_path, 41000)
    assert other.read_text(encoding="utf-8") == text
    assert other.stat().st_mtime_ns == before
