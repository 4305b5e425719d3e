"""URLs taken apart: what they lead to, what is refused, and which hosts a plan can know."""

from __future__ import annotations

import pytest

from skills.network.target import Target, constant_host, target_of


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://example.org", Target("http", "example.org", 80, "/")),
        ("HTTPS://Example.ORG./a?b=c#d", Target("https", "example.org", 443, "/a?b=c")),
        ("https://example.org:8443/ä/%C3%A4?q=ü", Target("https", "example.org", 8443, "/%C3%A4/%C3%A4?q=%C3%BC")),
        ("http://[::1]:80/", Target("http", "::1", 80, "/")),
        ("https://bücher.example/", Target("https", "xn--bcher-kva.example", 443, "/")),
        ("http://127.1/", Target("http", "127.1", 80, "/")),
    ],
)
def test_target(url: str, target: Target) -> None:
    assert target_of(url) == target
    assert target_of(target.url) == target


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "//example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http:///x",
        "http://user@example.org/",
        "http://user:pw@example.org/",
        "http://a b/",
        "http://example.org/a b",
        "http://example.org/\r\nX: y",
        "http://exam\tple.org/",
        "http://example.org\\@evil.example/",
        "http://example.org:0/",
        "http://example.org:99999/",
        "http://example.org:x/",
        "http://[::1%25lo]/",
        "http://[nonsense]/",
        "http://ex%61mple.org/",
        "http://-x.example/",
    ],
)
def test_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|names|has|holds|cannot)"):
        target_of(url)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.example.org/x/${{ parameters.id }}", "api.example.org"),
        ("https://api.example.org:8443/x?q=${{ parameters.id }}", "api.example.org:8443"),
        ("https://api.example.org?q=${{ parameters.id }}", "api.example.org"),
        ("https://api.example.org", "api.example.org"),
        ("https://api.example.org${{ parameters.rest }}", ""),
        ("https://${{ parameters.host }}/x", ""),
        ("${{ parameters.url }}", ""),
        ("https://${{ parameters.user }}@api.example.org/", ""),
        ("nonsense", ""),
    ],
)
def test_the_host_that_is_known_before(url: str, host: str) -> None:
    assert constant_host(url) == host


def test_a_redirect_leads_elsewhere() -> None:
    here = target_of("https://example.org/a/b?c")
    assert here.join("d").url == "https://example.org/a/d"
    assert here.join("/d?e").url == "https://example.org/d?e"
    assert here.join("//other.example/x").url == "https://other.example/x"
    assert not here.same_origin(here.join("http://example.org/"))
    assert here.same_origin(here.join("https://example.org:443/"))
