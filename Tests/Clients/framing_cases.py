"""Requests byte for byte, right and wrong ones, each with what becomes of it: the table of test_http_framing.py."""

import itertools

# fmt: off
LIVE = b"/health/live"
HOST = b"Host: localhost\r\n"
JSON = b"Content-Type: application/json\r\n"
AFTER = b"GET /health/live HTTP/1.1\r\n" + HOST + b"X-Request-Id: after\r\nConnection: close\r\n\r\n"
# What must never be answered: it stands where a body is, or behind something that cannot be framed.
SMUGGLED = b"GET /smuggled HTTP/1.1\r\n" + HOST + b"X-Request-Id: smuggled\r\n\r\n"


def get(*fields, method=b"GET", path=LIVE, version=b"HTTP/1.1", host=HOST):
    return b"%s %s %s\r\n" % (method, path, version) + host + b"".join(f + b"\r\n" for f in fields) + b"\r\n"


def post(*fields, body=b"{}", path=b"/api/v1/auth/login", version=b"HTTP/1.1", host=HOST):
    """A log-in without its fields is read whole and refused as `validation-failed`."""
    return (b"POST %s %s\r\n" % (path, version) + host + JSON + b"".join(f + b"\r\n" for f in fields) + b"\r\n"
            + body)


def chunked(body, *fields, **more):
    return post(b"Transfer-Encoding: chunked", *fields, body=body, **more)


# (name, bytes, status, code): the connection stays.
KEPT = []
# (name, bytes, status, code): answered, said to be closed, and closed.
CLOSED = []


def kept(name, raw, status=200, code=None):
    KEPT.append((name, raw, status, code))


def closed(name, raw, status=400, code="malformed-json"):
    CLOSED.append((name, raw, status, code))


# Methods and paths

for path, _allow in [(LIVE, "GET"), (b"/api/v1/orders", "GET, POST"), (b"/problems/not-found", "GET"),
                    (b"/api/v1/auth/login", "POST"), (b"/ws", "GET"), (b"/socket.io/", "GET")]:
    for method in [b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"PROPFIND", b"QUERY", b"FOO", b"get", b"M-SEARCH",
                   b"x!#$%&'*+-.^_`|~"]:
        kept(f"{method.decode()} {path.decode()}", get(method=method, path=path), 405, "method-not-allowed")
for method in [b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE", b"FOO"]:
    kept(f"{method.decode()} of nothing", get(method=method, path=b"/nowhere"), 404, "not-found")
kept("HEAD", get(method=b"HEAD"))
kept("HEAD of nothing", get(method=b"HEAD", path=b"/nowhere"), 404)
kept("HEAD where only POST is", get(method=b"HEAD", path=b"/api/v1/auth/login"), 405)
kept("HEAD without a token", get(method=b"HEAD", path=b"/api/v1/orders"), 401)
kept("HEAD of a page", get(method=b"HEAD", path=b"/problems/not-found"))
kept("HEAD with a body", get(b"Content-Length: 5", method=b"HEAD") + b"hello")
kept("HEAD of nothing with a body", get(b"Content-Length: 5", method=b"HEAD", path=b"/nowhere") + b"hello", 404)
kept("HEAD with a chunked body",
     get(b"Transfer-Encoding: chunked", method=b"HEAD") + b"5\r\nhello\r\n0\r\n\r\n")
kept("GET with a body", get(b"Content-Length: %d" % len(SMUGGLED)) + SMUGGLED)
kept("a body where nothing is", get(b"Content-Length: %d" % len(SMUGGLED), method=b"POST", path=b"/nowhere") + SMUGGLED,
     404, "not-found")
kept("a body with a wrong method", get(b"Content-Length: %d" % len(SMUGGLED), method=b"PUT") + SMUGGLED, 405,
     "method-not-allowed")
for path in [b"//health/live", b"/health//live", b"/health/live/", b"/health/live//", b"//", b"/api/v1//orders",
             b"/api/v1/orders/", b"/api/v1/auth/login/", b"/ws/", b"/socket.io", b"//socket.io/", b"/socket.io//",
             b"/health/live/?x=1", b"/HEALTH/LIVE", b"/health/live%2f", b"/health/./live", b"/health/live/.",
             b"/x/../health/live"]:
    kept(f"path {path.decode()}", get(path=path), 404, "not-found")
for path in [b"/health/live?", b"/health/live?a=b//c/", b"http://localhost/health/live",
             b"http://localhost:80/health/live?x",
             b"HTTP://LOCALHOST/health/live", b"https://localhost/health/live"]:
    kept(f"target {path.decode()}", get(path=path))
kept("options of the server", get(method=b"OPTIONS", path=b"*"), 404, "not-found")
kept("an absolute target with no path", get(path=b"http://localhost"))
for target in [b"health/live", b"localhost:80", b"*", b"http://", b"http:///health/live", b"http://a b/health/live",
               b"http://user@localhost/health/live", b"http://localhost:x/health/live", b"ftp://localhost/health/live",
               b"/health/live#part", b"/health/\x7flive", b"/health/\xc3\xa9", b"/health/\x01", b"/health live", b"",
               b"?x"]:
    closed(f"target {target!r}", get(path=target))

# Host

closed("no host", get(host=b""))
closed("no host with a body", post(b"Content-Length: 2", host=b""))
closed("two hosts", get(host=HOST + HOST))
closed("two different hosts", get(b"host: other"))
closed("no host for an absolute target", get(path=b"http://localhost/health/live", host=b""))
for value in [b"", b" ", b"a b", b"a,b", b"a, b", b"a/b", b"http://a", b"user@a", b"a:b", b"a:80:80", b"a:123456",
              b"[::1",
              b"[::g]", b"::1", b"a\tb", b"a\"b", b"a<b>", b"a\xc3\xa9", b"a%zz", b"a%2", b"a?b", b"a#b", b"a\\b",
              b"[::1]x"]:
    closed(f"host {value!r}", get(host=b"Host: " + value + b"\r\n"))
for value in [b"localhost", b"LOCALHOST:8000", b"127.0.0.1", b"[::1]", b"[::1]:8000", b"a.b-c_d", b"a:",
              b"xn--e1afmkfd.example",
              b"a%20b", b"[v1.a]"]:
    kept(f"host {value!r}", get(host=b"Host: " + value + b"\r\n"))
kept("host with white space around it", get(host=b"HOST:\t localhost \t\r\n"))

for name, raw, status in [("without a host", get(method=b"HEAD", host=b""), 400), ("with a bad host",
                                                                                   get(method=b"HEAD",
                                                                                       host=b"Host: a b\r\n"), 400),
                          ("with a long field", get(b"X: " + b"x" * 20_000, method=b"HEAD"), 431),
                          ("with an expectation", get(b"Expect: tea", method=b"HEAD"), 417),
                          ("with bad chunks", get(b"Transfer-Encoding: chunked", method=b"HEAD") + b"x\r\n", 400)]:
    closed("HEAD " + name, raw, status, None)

# Versions and connection options

for spelling in [b"close", b"Close", b"CLOSE", b"keep-alive, close", b"close, keep-alive", b"close,x", b" , close , ",
                 b"x,\tcLoSe", b"Upgrade, close"]:
    closed(f"connection {spelling!r}", get(b"Connection: " + spelling), 200, None)
closed("connection close in a second field", get(b"Connection: keep-alive", b"connection: close"), 200, None)
closed("connection close with a body", post(b"Content-Length: 2", b"Connection: CLOSE"), 400, "validation-failed")
closed("connection close where nothing is", get(b"Connection: Close", path=b"/nowhere"), 404, "not-found")
closed("connection close of HEAD", get(b"Connection: Close", method=b"HEAD"), 200, None)
for spelling in [b"keep-alive", b"closed", b"x-close", b"\"close\"", b"close;x", b"", b"clos\xc3\xa9"]:
    kept(f"connection {spelling!r}", get(b"Connection: " + spelling))
closed("1.0", get(version=b"HTTP/1.0"), 200, None)
closed("1.0 without a host", get(version=b"HTTP/1.0", host=b""), 200, None)
closed("1.0 where nothing is", get(version=b"HTTP/1.0", path=b"/nowhere"), 404, "not-found")
closed("1.0 with keep-alive and close", get(b"Connection: keep-alive, close", version=b"HTTP/1.0"), 200, None)
closed("1.0 with a body", post(b"Content-Length: 2", version=b"HTTP/1.0"), 400, "validation-failed")
closed("1.0 with two hosts", get(host=HOST + HOST, version=b"HTTP/1.0"))
closed("1.0 with a bad host", get(host=b"Host: a b\r\n", version=b"HTTP/1.0"))
closed("1.0 with a transfer encoding", chunked(b"2\r\n{}\r\n0\r\n\r\n", version=b"HTTP/1.0"))
closed("1.0 with a transfer encoding and keep-alive",
       chunked(b"2\r\n{}\r\n0\r\n\r\n", b"Connection: keep-alive", version=b"HTTP/1.0"))
for spelling in [b"keep-alive", b"Keep-Alive", b"x, keep-alive"]:
    kept(f"1.0 with {spelling!r}", get(b"Connection: " + spelling, version=b"HTTP/1.0"))
kept("1.0 with keep-alive and a body", post(b"Content-Length: 2", b"Connection: keep-alive", version=b"HTTP/1.0"), 400,
     "validation-failed")
kept("1.0 with keep-alive and no host", get(b"Connection: keep-alive", version=b"HTTP/1.0", host=b""))
for version in [b"HTTP/2.0", b"HTTP/0.9", b"HTTP/1", b"HTTP/1.", b"HTTP/1.10", b"HTTP/01.1", b"HTTP/11", b"http/1.1",
                b"HTTP/1.x",
                b"HTP/1.1", b"HTTP 1.1", b"HTTP/1.1 ", b" HTTP/1.1", b"", b"HTTP/3"]:
    closed(f"version {version!r}", get(version=version))
closed("HTTP/0.9", b"GET /health/live\r\n" + HOST + b"\r\n")
closed("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
closed("a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200))
for target in [b"localhost:80", b"example.com:443", b"/health/live", b"[::1]:443"]:
    closed(f"CONNECT {target!r}", get(method=b"CONNECT", path=target), 405, "method-not-allowed")

# Content-Length

for value in [b"9223372036854775808", b"18446744073709551615", b"18446744073709551616", b"99999999999999999999999999",
              b"+2", b"-2", b"2.0", b"0x2", b"2 2", b"2,2", b"2, 2", b"2;", b"two", b"", b" ", b"2\x0b", b"\xd9\xa2",
              b"1_0",
              b"2 \t 3", b"\"2\""]:
    closed(f"content-length {value!r}", post(b"Content-Length: " + value))
closed("two lengths that differ", post(b"Content-Length: 2", b"Content-Length: 3"))
closed("two lengths that differ, other spelling", post(b"Content-Length: 2", b"content-length: 30"))
closed("two lengths that are the same", post(b"Content-Length: 2", b"Content-Length: 2"))
for value in [b"2", b"02", b"0000000002", b" 2 ", b"\t2"]:
    kept(f"content-length {value!r}", post(b"Content-Length: " + value), 400, "validation-failed")
kept("content-length of nothing", post(b"Content-Length: 0", body=b""), 400)
kept("POST without a length", post(body=b""), 400)
kept("GET with content-length 0", get(b"Content-Length: 0"))

# Transfer-Encoding

for value in [b"gzip", b"gzip, chunked", b"chunked, gzip", b"chunked, chunked", b"identity", b"chunked, identity",
              b"xchunked",
              b"chunked;q=1", b"\"chunked\"", b"", b"chunked,", b",chunked", b"\x0bchunked", b"chunked\x00",
              b"chu nked", b"cow",
              b"chunk"]:
    closed(f"transfer-encoding {value!r}", post(b"Transfer-Encoding: " + value, body=b"2\r\n{}\r\n0\r\n\r\n"))
for value in [b"chunked", b"Chunked", b"CHUNKED", b" \tchunked\t "]:
    kept(f"transfer-encoding {value!r}", post(b"Transfer-Encoding: " + value, body=b"2\r\n{}\r\n0\r\n\r\n"), 400,
         "validation-failed")
for name in [b"Transfer-Encoding ", b"Transfer-Encoding\t", b" Transfer-Encoding", b"Transfer\x00Encoding",
             b"Transfer Encoding",
             b"Transfer-Encoding\x0b", b"Content-Length ", b" Content-Length"]:
    closed(f"field name {name!r}", post(name + b": chunked", body=b"2\r\n{}\r\n0\r\n\r\n"))
for first, second in itertools.permutations([b"Content-Length: 2", b"Transfer-Encoding: chunked"]):
    closed(f"{first.decode()} and {second.decode()}", post(first, second, body=b"2\r\n{}\r\n0\r\n\r\n"))
closed("a length of 0 and a transfer encoding",
       post(b"Content-Length: 0", b"Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n\r\n"))
closed("two transfer encodings", chunked(b"2\r\n{}\r\n0\r\n\r\n", b"Transfer-Encoding: chunked"))
closed("two transfer encodings that differ", chunked(b"2\r\n{}\r\n0\r\n\r\n", b"transfer-encoding: identity"))
closed("a transfer encoding without a body that says so", get(b"Transfer-Encoding: gzip"))

# Chunks

for body in [b"2\r\n{}\r\n0\r\n\r\n", b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", b"02\r\n{}\r\n00\r\n\r\n",
             b"2;a=b\r\n{}\r\n0;c\r\n\r\n",
             b"2;a=\"b c\"\r\n{}\r\n0\r\n\r\n", b"2\r\n{}\r\n0\r\nX-Trailer: a\r\nX-Other:\r\n\r\n",
             b"a\r\n{        }\r\n0\r\n\r\n",
             b"A\r\n{        }\r\n0\r\n\r\n", b"00000002\r\n{}\r\n0\r\n\r\n",
             b"2\r\n{}\r\n0\r\nContent-Length: 50\r\nHost: other\r\n\r\n"]:
    kept(f"chunks {body!r}", chunked(body), 400, "validation-failed")
kept("no chunk", chunked(b"0\r\n\r\n"), 400)
for body in [b"not-hex\r\n{}\r\n0\r\n\r\n", b"\r\n{}\r\n0\r\n\r\n", b"-2\r\n{}\r\n0\r\n\r\n", b"+2\r\n{}\r\n0\r\n\r\n",
             b"0x2\r\n{}\r\n0\r\n\r\n", b"2 \r\n{}\r\n0\r\n\r\n", b" 2\r\n{}\r\n0\r\n\r\n", b"2\n{}\r\n0\r\n\r\n",
             b"2\r{}\r\n0\r\n\r\n",
             b"2\r\n{}0\r\n\r\n", b"2\r\n{}\n0\r\n\r\n", b"2\r\n{}\r0\r\n\r\n", b"1\r\n{}\r\n0\r\n\r\n",
             b"3\r\n{}\r\n0\r\n\r\n",
             b"2\r\n{}\r\n0\n\r\n", b"2\r\n{}\r\n0\r\n\n", b"ffffffffffffffff\r\n{}\r\n0\r\n\r\n",
             b"10000000000000002\r\n{}\r\n0\r\n\r\n", b"2;a\nb\r\n{}\r\n0\r\n\r\n", b"2;a\rb\r\n{}\r\n0\r\n\r\n",
             b"2;a\x00\r\n{}\r\n0\r\n\r\n", b"2,\r\n{}\r\n0\r\n\r\n", b"2;" + b"x" * 5000 + b"\r\n{}\r\n0\r\n\r\n",
             b"2\r\n{}\r\n0\r\nbad trailer: x\r\n\r\n", b"2\r\n{}\r\n0\r\n: x\r\n\r\n",
             b"2\r\n{}\r\n0\r\n folded\r\n\r\n",
             b"2\r\n{}\r\n0\r\nx\r\n\r\n", b"2\r\n{}\r\n0\r\nX: a\x00\r\n\r\n",
             b"2\r\n{}\r\n0\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
             b"0\rX\r\n\r\n", b"g\r\n", b"2\r\n{}\r\n0\r\nX: a\nY: b\r\n\r\n"]:
    closed(f"chunks {body[:24]!r}", chunked(body))

# Fields and lines

for line in [b"X", b": x", b" X: x", b"\tX: x", b"X : x", b"X\t: x", b"X\x00: x", b"X: a\x00b", b"X: a\x01b",
             b"X: a\x7fb", b"X: a\rb",
             b"\xc3\xa9: x", b"X(: x", b"X,: x", b"X/: x", b"X: a\r\n folded", b"X: a\r\n\tfolded", b"X: a\r\n \r\n b",
             b"(X): x", b"\"X\": x",
             b"X: a\nY: b", b"X: a\n\n", b"\n", b"X: a\r\r", b"@: x", b"X=: y"]:
    closed(f"field {line!r}", get(line))
for line in [b"X:", b"X:x", b"X: \xff\xfe", b"X: caf\xc3\xa9", b"X: a\tb", b"X:\t\t", b"x!#$%&'*+-.^_`|~9: x",
             b"X: \"a:b\""]:
    kept(f"field {line!r}", get(line))
closed("bare line feeds", b"GET /health/live HTTP/1.1\nHost: localhost\n\n")
closed("a bare line feed after the request line", b"GET /health/live HTTP/1.1\nHost: localhost\r\n\r\n")
closed("a bare line feed at the end of the head", b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\n")
closed("a bare carriage return", b"GET /health/live HTTP/1.1\rHost: localhost\r\n\r\n")
closed("a folded first field", b"GET /health/live HTTP/1.1\r\n Host: localhost\r\n\r\n")
for line in [b"GARBAGE", b"GET", b"GET ", b"GET  /health/live HTTP/1.1", b"GET /health/live  HTTP/1.1",
             b" GET /health/live HTTP/1.1",
             b"GET\t/health/live\tHTTP/1.1", b"GET /health/live HTTP/1.1\t", b"G(T /health/live HTTP/1.1",
             b"G\x00T /health/live HTTP/1.1",
             b"\xff /health/live HTTP/1.1", b"GET /health/live HTTP/1.1 x", b"GET /health/live HTTP/1.1\x00",
             b"HTTP/1.1 200 OK",
             b"M" * 100 + b" /health/live HTTP/1.1"]:
    closed(f"request line {line[:40]!r}", line + b"\r\n" + HOST + b"\r\n")
kept("an empty line before the request", b"\r\n" + get())
kept("an empty line after a body", post(b"Content-Length: 2") + b"\r\n", 400, "validation-failed")
closed("many empty lines before the request", b"\r\n" * 100 + get())
closed("a line feed before the request", b"\n" + get())

# Expectations

closed("a length over the limit with an expectation", post(b"Content-Length: 99999999", b"Expect: 100-continue",
                                                           body=b""), 413,
       "payload-too-large")
for value in [b"200-ok", b"100-continue, x", b"x", b"100-continue;q=1", b""]:
    closed(f"expect {value!r}", post(b"Content-Length: 2", b"Expect: " + value), 417, "expectation-failed")
closed("an expectation without a body", get(b"Expect: tea"), 417, "expectation-failed")
closed("two expectations", get(b"Expect: 100-continue", b"Expect: tea"), 417, "expectation-failed")
for value in [b"100-continue", b"100-Continue", b"100-CONTINUE"]:
    kept(f"expect {value!r} with the body at once", post(b"Content-Length: 2", b"Expect: " + value), 400,
         "validation-failed")
kept("expect without a body", get(b"Expect: 100-continue"))
kept("expect in 1.0", get(b"Expect: 100-continue", b"Connection: keep-alive", version=b"HTTP/1.0"))

# Limits

closed("a long target", get(path=b"/" + b"x" * 20_000), 414, "uri-too-long")
closed("a long target without an end", b"GET /" + b"x" * 40_000, 414, "uri-too-long")
closed("a long query", get(path=b"/health/live?" + b"x" * 20_000), 414, "uri-too-long")
kept("a target of 7,000 bytes", get(path=b"/health/live?" + b"x" * 7_000))
closed("a long field", get(b"X-Long: " + b"x" * 20_000), 431, "header-fields-too-large")
closed("a long field without an end", get()[:-2] + b"X-Long: " + b"x" * 200_000, 431, "header-fields-too-large")
closed("a long name", get(b"x" * 20_000 + b": x"), 431, "header-fields-too-large")
closed("many fields", get(*[b"X-%d: x" % n for n in range(150)]), 431, "header-fields-too-large")
closed("many long fields", get(*[b"X-%d: " % n + b"x" * 1000 for n in range(60)]), 431, "header-fields-too-large")
kept("many fields that fit", get(*[b"X-%d: " % n + b"x" * 200 for n in range(80)]))
closed("a long body", post(b"Content-Length: 1000000", body=b"x" * 1_000_000), 413, "payload-too-large")
closed("a very long body", post(b"Content-Length: 9223372036854775807", body=b"{}"), 413, "payload-too-large")
closed("a long chunked body",
       chunked(b"10000\r\n" + b" " * 65536 + b"\r\n" + b"10000\r\n" + b" " * 65536 + b"\r\n0\r\n\r\n"),
       413, "payload-too-large")
kept("a body of 64 KiB", post(b"Content-Length: 65536", body=b"{}".ljust(65536)), 400, "validation-failed")

# Protocols that nobody here speaks: the answer is that of HTTP, and the last.

for fields in [(b"Connection: Upgrade", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__"), (b"Connection: upgrade",
                                                                                                b"Upgrade: foo"),
               (b"Connection: keep-alive, Upgrade", b"Upgrade: websocket"), (b"Connection: UPGRADE",)]:
    closed(f"upgrade {fields[-1]!r}", get(*fields), 200, None)
closed("an upgrade with a body", post(b"Connection: upgrade", b"Upgrade: foo", b"Content-Length: 2"), 400,
       "validation-failed")
kept("upgrade without the option", get(b"Upgrade: foo"))
# fmt: on
