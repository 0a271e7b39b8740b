"""docs/api.md §1.9: which origins may read the answers."""

import pytest

EXPOSED = {"etag", "location", "retry-after", "x-request-id", "idempotency-replayed"}


def preflight(api, origin, method="PATCH"):
    return api.request(
        "OPTIONS",
        "/users/me",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type,if-match,idempotency-key",
        },
    )


def test_a_listed_origin_may_send_credentials_and_read_the_documented_headers(user, cors_origin):
    answer = user.get("/users/me", headers={"Origin": cors_origin})
    assert answer.headers.get("Access-Control-Allow-Origin") == cors_origin, answer.headers
    assert answer.headers.get("Access-Control-Allow-Credentials") == "true"
    exposed = {name.strip().lower() for name in answer.headers.get("Access-Control-Expose-Headers", "").split(",")}
    assert exposed >= EXPOSED, exposed


def test_a_listed_origin_gets_its_preflight(anonymous, cors_origin):
    answer = preflight(anonymous, cors_origin)
    assert answer.status_code in (200, 204), answer.text
    assert answer.headers.get("Access-Control-Allow-Origin") == cors_origin, answer.headers
    assert answer.headers.get("Access-Control-Allow-Credentials") == "true"
    assert "PATCH" in answer.headers.get("Access-Control-Allow-Methods", "")
    allowed = {name.strip().lower() for name in answer.headers.get("Access-Control-Allow-Headers", "").split(",")}
    assert {"authorization", "content-type", "if-match", "idempotency-key"} <= allowed, allowed


def test_a_listed_origin_can_read_refusals(anonymous, cors_origin):
    answer = anonymous.get("/users/me", headers={"Origin": cors_origin})
    assert answer.status_code == 401 and answer.headers.get("Access-Control-Allow-Origin") == cors_origin


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_another_origin_is_allowed_nothing(user, anonymous, origin):
    for answer in (user.get("/users/me", headers={"Origin": origin}), preflight(anonymous, origin)):
        assert "Access-Control-Allow-Origin" not in answer.headers, answer.headers
        assert answer.status_code < 500, answer.text
