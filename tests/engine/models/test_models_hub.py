"""The hub: the real client against a real server on the loopback."""

import pytest


def test_the_hub_brings_the_file(shop, site, hub, monkeypatch):
    """One request is enough, and a token that nobody asks for is not shown."""
    shop.catalog(shop.hub_source())
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    status, out, err = shop.run("pull")
    assert (status, out) == (0, "")
    assert shop.path.read_bytes() == shop.data
    assert site.asked == [(hub, None)]
    assert site.tokens == [None]
    assert [line.split(":")[0] for line in err.splitlines()] == [
        "fetching tiny",
        "tiny",
    ]


def test_a_killed_hub_download_goes_on(shop, site, hub):
    """After a kill, the bytes that were there are not asked for again."""
    shop.catalog(shop.hub_source())
    site.stalls.add(hub)
    process = shop.start("pull")
    assert site.reached.wait(60)
    while not (part := shop.part()) or part.stat().st_size < 2_000_000:
        assert process.poll() is None
    shop.kill(process)
    length = part.stat().st_size
    site.stalls.clear()
    assert shop.run("pull")[0] == 0
    assert shop.path.read_bytes() == shop.data
    assert site.asked == [(hub, None), (hub, f"bytes={length}-")]


def test_wheels_go_on_where_the_hub_broke_off(shop, site, hub):
    """The beginning belongs to the file, whichever source brought it."""
    shop.catalog(shop.hub_source(), shop.wheels_source())
    site.stalls.add(hub)
    process = shop.start("pull")
    assert site.reached.wait(60)
    while not (part := shop.part()) or part.stat().st_size < 2_000_000:
        assert process.poll() is None
    shop.kill(process)
    del site.files[hub]
    status, _, err = shop.run("pull")
    assert (status, shop.path.read_bytes() == shop.data) == (0, True)
    assert "hub o/tiny: it answers HTTP 404; trying wheels" in err
    assert "fetching tiny: 6 MB, 2 MB are here" in err


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_connection_is_gone_on_with(shop, site, hub, ranges):
    """A hub that hangs up is asked for the rest, or for all if it has no ranges."""
    shop.catalog(shop.hub_source())
    site.breaks.add(hub)
    site.ranges = ranges
    assert shop.run("pull")[0] == 0
    assert shop.path.read_bytes() == shop.data
    assert len(site.asked) == 2


def test_a_hub_with_other_bytes_is_refused(shop, site, hub):
    """More bytes, or the same number of others, are an error that leaves nothing."""
    shop.catalog(shop.hub_source())
    site.files[hub] = shop.data + b"!"
    status, _, err = shop.run("pull")
    assert status == 3
    assert "more than the 6000000 bytes" in err
    site.files[hub] = shop.data[::-1]
    status, _, err = shop.run("pull")
    assert status == 3
    assert "its SHA-256 is not the catalog's" in err
    assert not shop.path.exists()


def test_an_unreachable_hub_is_one_quiet_line(shop):
    """No retries and no log lines of the client: the next source is asked."""
    shop.catalog(shop.hub_source(), shop.wheels_source())
    status, _, err = shop.run("pull")
    assert status == 0
    first, note, last = err.splitlines()
    assert first == "fetching tiny: 6 MB"
    assert note.startswith("codeassist: hub o/tiny: ")
    assert note.endswith("; trying wheels")
    assert last.startswith("tiny: 6 MB in ")


def test_the_offline_switch_is_respected(shop, site, hub, monkeypatch):
    """HF_HUB_OFFLINE keeps the hub from being asked at all."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    shop.catalog(shop.hub_source(), shop.wheels_source())
    status, _, err = shop.run("pull")
    assert status == 0
    assert "HF_HUB_OFFLINE is set; trying wheels" in err
    assert site.asked == []


def test_the_rest_is_asked_for_behind_a_redirect(shop, site, hub):
    """The hub's storage, to which it redirects, sends only what is missing."""
    shop.catalog(shop.hub_source())
    site.files["/storage"] = site.files.pop(hub)
    site.moved[hub] = "/storage"
    site.breaks.add("/storage")
    assert shop.run("pull")[0] == 0
    assert shop.path.read_bytes() == shop.data
    ranges = [wanted for path, wanted in site.asked if path == "/storage"]
    assert ranges == [None, "bytes=2097152-"]


def test_a_hub_that_wants_a_token_gets_it(shop, site, hub, monkeypatch):
    """The user's token is shown only after the hub refused without it."""
    shop.catalog(shop.hub_source())
    site.secret = "hf_test"
    status, _, err = shop.run("pull")
    assert status == 3
    assert "hub o/tiny: it answers HTTP 401" in err
    site.tokens.clear()
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    assert shop.run("pull")[0] == 0
    assert site.tokens == [None, "Bearer hf_test"]
