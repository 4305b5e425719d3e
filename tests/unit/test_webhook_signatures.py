"""Signatures of webhooks, by the specification's own vector and by what it forbids."""

from __future__ import annotations

import pytest

from app.server.signatures import Unsigned, new_secret, sign, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the vector of the specification
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def test_the_vector_of_the_specification() -> None:
    assert sign(SECRET, ID, AT, BODY) == SIGNATURE
    assert verify([SECRET], ID, str(AT), SIGNATURE, BODY, AT) == ID


@pytest.mark.parametrize(
    "signatures", [f"v1,AAAA {SIGNATURE}", f"{SIGNATURE} v1a,abc", f"v2,x {sign(OTHER, ID, AT, BODY)} {SIGNATURE}"]
)
def test_one_right_signature_of_several_is_enough(signatures: str) -> None:
    assert verify([SECRET], ID, str(AT), signatures, BODY, AT) == ID


def test_either_of_two_secrets_counts_while_one_is_changed_for_the_other() -> None:
    assert verify([OTHER, SECRET], ID, str(AT), SIGNATURE, BODY, AT) == ID


@pytest.mark.parametrize("off", [-300, 0, 300])
def test_five_minutes_either_way_are_in_time(off: int) -> None:
    verify([SECRET], ID, str(AT), SIGNATURE, BODY, AT + off)


@pytest.mark.parametrize(
    ("known", "delivery", "timestamp", "signatures", "body", "now"),
    [
        ([], ID, str(AT), SIGNATURE, BODY, AT),
        (["nothing"], ID, str(AT), SIGNATURE, BODY, AT),
        (["whsec_"], ID, str(AT), SIGNATURE, BODY, AT),
        ([OTHER], ID, str(AT), SIGNATURE, BODY, AT),
        ([SECRET], "", str(AT), SIGNATURE, BODY, AT),
        ([SECRET], ID, "", SIGNATURE, BODY, AT),
        ([SECRET], ID, str(AT), "", BODY, AT),
        ([SECRET], "msg_other", str(AT), SIGNATURE, BODY, AT),
        ([SECRET], ID, str(AT + 1), SIGNATURE, BODY, AT),
        ([SECRET], ID, str(AT), SIGNATURE, BODY + b" ", AT),
        ([SECRET], ID, str(AT), SIGNATURE, BODY, AT + 301),
        ([SECRET], ID, str(AT), SIGNATURE, BODY, AT - 301),
        ([SECRET], ID, f"{AT}.0", SIGNATURE, BODY, AT),
        ([SECRET], ID, "١٦١٤٢٦٥٣٣٠", SIGNATURE, BODY, AT),
        ([SECRET], ID, str(AT), SIGNATURE.removeprefix("v1,"), BODY, AT),
        ([SECRET], ID, str(AT), SIGNATURE.replace("v1", "v1a"), BODY, AT),
        ([SECRET], ID, str(AT), "v1,", BODY, AT),
        ([SECRET], f"{ID}.{AT}", "1", SIGNATURE, BODY, AT),
        ([SECRET], ID + "\n", str(AT), SIGNATURE, BODY, AT),
        ([SECRET], ID, str(AT), " ".join(["v1,AAAA"] * 16) + " " + SIGNATURE, BODY, AT),
    ],
)
def test_anything_else_is_not_believed(
    known: list[str], delivery: str, timestamp: str, signatures: str, body: bytes, now: float
) -> None:
    with pytest.raises(Unsigned):
        verify(known, delivery, timestamp, signatures, body, now)


def test_secrets_are_long_and_never_the_same() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(new_secret()) == len("whsec_") + 44
