"""The gateway's signature (yuezhengyi.md 4): what it proves, what it does not, and how it is refused."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.errors import Rejected
from connectors.yuezhengyi import tif
from connectors.yuezhengyi.settings import Gateway

NOW = datetime(2026, 4, 27, 1, 0, tzinfo=UTC)
GATEWAY = Gateway(paas_id="office_bot", token="secret-of-the-paasid")
RECORDINGS = Path(__file__).parents[2] / "recordings" / "callback_vectors.json"


def vector(kind):
    found = json.loads(RECORDINGS.read_text("utf-8"))["vectors"]["wecom"]
    return next(one for one in found if one["kind"] == kind)


def by_hand(middle, *, at=NOW, token=GATEWAY.token):
    stamp = str(int(at.timestamp()))
    return hashlib.sha256(f"{stamp}{token}{middle}{stamp}".encode()).hexdigest()


def given(*, nonce="n1", at=NOW, upper=True, signature=None, **vouched):
    stamp = str(int(at.timestamp()))
    middle = f"{nonce},{vouched['uid']},{vouched.get('uinfo', '')},{vouched.get('ext', '')}" if vouched else nonce
    signed = signature or by_hand(middle, at=at)
    fields = {"timestamp": stamp, "nonce": nonce, "signature": signed.upper() if upper else signed, **vouched}
    return {f"x-tif-{name}": value for name, value in fields.items()}


def test_ours_is_the_published_formula_in_upper_case():
    ours = tif.headers(GATEWAY, nonce="n1", now=NOW)
    assert ours["x-tif-signature"] == by_hand("n1").upper()
    assert ours["x-tif-paasid"] == "office_bot"
    assert set(ours) == {f"x-tif-{name}" for name in ("paasid", "timestamp", "nonce", "signature")}
    assert GATEWAY.token not in str(ours)


def test_the_recorded_vectors_agree():
    out, back = vector("tif_signature_outbound"), vector("tif_signature_inbound")
    gateway = Gateway(paas_id=out["paas_id"], token=out["paas_token"])
    at = datetime.fromtimestamp(int(out["timestamp"]), UTC)
    ours = tif.headers(gateway, nonce=out["nonce"], now=at)
    assert ours["x-tif-signature"] == out["expected"]["signature_upper_hex"]
    came = {f"x-tif-{name}": back[name] for name in ("timestamp", "nonce", "uid", "uinfo", "ext")}
    came["x-tif-signature"] = back["expected"]["signature_upper_hex"]
    assert tif.check(gateway, came, now=at) == back["uid"]


def test_the_header_prefix_of_a_test_zone_is_a_setting():
    zone = Gateway(paas_id="p", token="t", prefix="x-rio-")
    assert all(name.startswith("x-rio-") for name in tif.headers(zone, nonce="n", now=NOW))


@pytest.mark.parametrize("upper", [True, False])
def test_either_case_of_the_hex_is_taken(upper):
    assert tif.check(GATEWAY, given(upper=upper), now=NOW) == ""
    assert tif.check(GATEWAY, given(uid="lisi", uinfo="u", ext="e", upper=upper), now=NOW) == "lisi"


@pytest.mark.parametrize("change", [
    {"x-tif-signature": "0" * 64}, {"x-tif-signature": ""}, {"x-tif-nonce": "n2"}, {"x-tif-nonce": ""},
    {"x-tif-timestamp": "1"}, {"x-tif-timestamp": "soon"}, {"x-tif-timestamp": "９"}, {"x-tif-timestamp": "9" * 40},
    {"x-tif-uid": "zhangsan"}, {"x-tif-signature": "é" * 64},
])  # fmt: skip
def test_whatever_was_altered_is_refused(change):
    with pytest.raises(Rejected):
        tif.check(GATEWAY, given() | change, now=NOW)


@pytest.mark.parametrize("field", ["uid", "uinfo", "ext"])
def test_who_somebody_is_is_under_the_signature(field):
    with pytest.raises(Rejected):
        tif.check(GATEWAY, given(uid="lisi", uinfo="u", ext="e") | {f"x-tif-{field}": "other"}, now=NOW)


@pytest.mark.parametrize(("seconds", "fine"), [(180, True), (-180, True), (181, False), (-181, False)])
def test_three_minutes_are_the_window(seconds, fine):
    if fine:
        tif.check(GATEWAY, given(at=NOW + timedelta(seconds=seconds)), now=NOW)
        return
    with pytest.raises(Rejected, match="too old"):
        tif.check(GATEWAY, given(at=NOW + timedelta(seconds=seconds)), now=NOW)


def test_a_nonce_counts_once_as_long_as_its_stamp_can_be_fresh():
    nonces = tif.Nonces(window=180)
    assert nonces.use("n1", now=NOW)
    assert not nonces.use("n1", now=NOW + timedelta(seconds=359))
    assert nonces.use("n1", now=NOW + timedelta(seconds=361))


def test_the_secret_shows_in_no_record():
    assert "secret-of" not in repr(GATEWAY)
