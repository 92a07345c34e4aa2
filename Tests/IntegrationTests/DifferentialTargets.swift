import WeftTestKit

extension DifferentialCase {
  private static let host = "RFC 9112 section 3.2: 400 for a request with no Host, several, or one that is invalid"
  private static let whole =
    "RFC 9110 section 7.7: a proxy must not change path and query; a rule on paths judges and sends them normalised"
  private static let form = "RFC 9112 section 3.2: a target has one of four forms; 400"

  /// Who a request is for, and tunnels.
  static let targets: [DifferentialCase] = hosts + paths + tunnels

  private static let hosts: [DifferentialCase] = [
    .init("no Host", bare("GET /a HTTP/1.1", "X-A: 1"), expect: .refused, why: host),
    .init("two equal Hosts", bare("GET /a HTTP/1.1", "Host: a.test", "Host: a.test"), expect: .refused, why: host),
    .init("two differing Hosts", bare("GET /a HTTP/1.1", "Host: a.test", "Host: b.test"), expect: .refused, why: host),
    .init(
      "an empty Host",
      bare("GET /a HTTP/1.1", "Host:"),
      expect: .forwarded(["GET /a; host: "]),
      why: "RFC 9112 section 3.2: Host is empty where the target has no authority; the request goes where it was sent"
    ).with(\.watched, ["host"]),
    .init("Host with a space", bare("GET /a HTTP/1.1", "Host: a.test b.test"), expect: .refused, why: host),
    .init(
      "Host with a comma",
      bare("GET /a HTTP/1.1", "Host: a.test,b.test"),
      expect: .refused,
      why: "RFC 3986 section 3.2.2 lets a name have a comma; none that resolves has one, and some read two hosts"
    ),
    .init("Host with a slash", bare("GET /a HTTP/1.1", "Host: a.test/x"), expect: .refused, why: host),
    .init("Host with a user", bare("GET /a HTTP/1.1", "Host: b.test@a.test"), expect: .refused, why: host),
    .init("Host with a port that is none", bare("GET /a HTTP/1.1", "Host: a.test:80x"), expect: .refused, why: host),
    .init(
      "Host with an empty port",
      bare("GET /a HTTP/1.1", "Host: a.test:"),
      expect: .refused,
      why: "RFC 3986 section 3.2.3: a port may be empty; no client sends it so, and readers differ about what is left"
    ),
    .init(
      "Host with port 65536",
      bare("GET /a HTTP/1.1", "Host: a.test:65536"),
      expect: .refused,
      why: "RFC 3986 section 3.2.3: a port is digits; TCP has none beyond 65535"
    ),
    .init(
      "Host with a port",
      bare("GET /a HTTP/1.1", "Host: a.test:8080"),
      expect: .forwarded(["GET /a; host: a.test:8080"]),
      why:
        "RFC 9110 section 7.2: Host is uri-host and port; nginx's `$host`, which it documents for this, has no port"
    ).with(\.watched, ["host"]),
    .init(
      "Host in capitals",
      bare("GET /a HTTP/1.1", "Host: A.Test"),
      expect: .forwarded(["GET /a; host: A.Test"]),
      why: "RFC 9110 section 4.2.3: hosts are case-insensitive; nginx's `$host` is lower case, weft passes on what came"
    ).with(\.watched, ["host"]),
    .init(
      "Host that is an IPv6 address",
      bare("GET /a HTTP/1.1", "Host: [2001:db8::1]:80"),
      expect: .forwarded(["GET /a; host: [2001:db8::1]:80"]),
      why:
        "RFC 9110 section 7.2: Host is uri-host and port; nginx's `$host`, which it documents for this, has no port"
    ).with(\.watched, ["host"]),
    .init(
      "absolute form",
      bare("GET http://a.test/a?b HTTP/1.1", "Host: a.test"),
      expect: .forwarded(["GET /a?b; host: a.test"]),
      why: "RFC 9112 section 3.2.2: it must be accepted; to an origin server the origin form is sent (section 3.2.1)"
    ).with(\.watched, ["host"]),
    .init(
      "absolute form for another host than Host",
      bare("GET http://a.test/a HTTP/1.1", "Host: b.test"),
      expect: .forwarded(["GET /a; host: a.test"]),
      why: "RFC 9112 section 3.2.2: the target outweighs Host, which is written anew"
    ).with(\.watched, ["host"]),
    .init(
      "absolute form without a path",
      bare("GET http://a.test HTTP/1.1", "Host: a.test"),
      expect: .forwarded(["GET /; host: a.test"]),
      why: "RFC 9112 section 3.2.1: an empty path is sent as /"
    ).with(\.watched, ["host"]),
    .init(
      "absolute form of OPTIONS without a path",
      bare("OPTIONS http://a.test HTTP/1.1", "Host: a.test"),
      expect: .forwarded(["OPTIONS *; host: a.test"]),
      why: "RFC 9112 section 3.2.4: the last proxy sends it as *"
    ).with(\.watched, ["host"]),
    .init(
      "absolute form with https",
      bare("GET https://a.test/a HTTP/1.1", "Host: a.test"),
      expect: .refused,
      why: "RFC 9110 section 7.4: a request for a scheme that was not secured as it asks is to be refused"
    ),
    .init(
      "absolute form with another scheme",
      bare("GET ftp://a.test/a HTTP/1.1", "Host: a.test"),
      expect: .refused,
      why: "RFC 9110 section 7.4: a request that was misdirected may be refused"
    ),
    .init(
      "absolute form with a user",
      bare("GET http://u@a.test/a HTTP/1.1", "Host: a.test"),
      expect: .refused,
      why: "RFC 9110 section 4.2.4: userinfo in a received target is an error"
    ),
  ]

  private static let paths: [DifferentialCase] = [
    .init(
      "a fragment",
      message("GET /a#b HTTP/1.1"),
      expect: .refused,
      why: "RFC 9112 section 3.2: no form of a target has a fragment; an invalid one is answered 400"
    ),
    .init("a target without a slash", message("GET a HTTP/1.1"), expect: .refused, why: form),
    .init("a target of * that is not of OPTIONS", message("GET * HTTP/1.1"), expect: .refused, why: form),
    .init(
      bytes: "a target beyond ASCII",
      "GET /",
      [0xc3, 0xa9],
      " HTTP/1.1\r\nHost: a.test\r\n\r\n",
      why: "RFC 9112 section 3.2: a target holds no bytes beyond ASCII; 400"
    ),
    .init("a slash in code", message("GET /a%2fb HTTP/1.1"), expect: .forwarded(["GET /a%2fb"]), why: whole),
    .init("a backslash in code", message("GET /a%5Cb HTTP/1.1"), expect: .forwarded(["GET /a%5Cb"]), why: whole),
    .init("NUL in code", message("GET /a%00b HTTP/1.1"), expect: .forwarded(["GET /a%00b"]), why: whole),
    .init(
      "a code that is none",
      message("GET /a%zzb HTTP/1.1"),
      expect: .forwarded(["GET /a%zzb"]),
      why: "RFC 9112 section 3: an invalid target should be refused; weft takes a lone `%`, which parts nothing"
    ),
    .init("a semicolon", message("GET /a;b=c/d HTTP/1.1"), expect: .forwarded(["GET /a;b=c/d"]), why: whole),
    .init("dots that lead up", message("GET /a/../b HTTP/1.1"), expect: .forwarded(["GET /a/../b"]), why: whole),
    .init("dots that lead out", message("GET /../b HTTP/1.1"), expect: .forwarded(["GET /../b"]), why: whole),
    .init(
      "dots in code that lead out",
      message("GET /%2e%2e/b HTTP/1.1"),
      expect: .forwarded(["GET /%2e%2e/b"]),
      why: whole
    ),
    .init("two slashes", message("GET //a//b HTTP/1.1"), expect: .forwarded(["GET //a//b"]), why: whole),
    .init("a backslash", message("GET /a\\b HTTP/1.1"), expect: .forwarded(["GET /a\\b"]), why: whole),
  ]

  private static let early =
    "RFC 9110 section 7.8: the new protocol begins behind the 101; what was sent before could be another request"
  private static let upgrade = message("GET /a HTTP/1.1", "Connection: Upgrade", "Upgrade: echo")
  private static let agrees: @Sendable (Int, WireRequest) -> WireReply = { _, _ in
    .tunnel(Array("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n".utf8))
  }
  private static let opens: @Sendable (Int, WireRequest) -> WireReply = { _, _ in
    .tunnel(Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
  }

  private static let tunnels: [DifferentialCase] = [
    .init(
      "an upgrade that is refused",
      upgrade,
      expect: .forwarded(["GET /a; upgrade: echo"]),
      why: "RFC 9110 section 7.8: a server may go on in HTTP"
    )
    .with(\.watched, ["upgrade"]),
    .init(
      "an upgrade that is agreed to",
      upgrade,
      "ping bye",
      expect: .exactly("101 \"ping bye\", `GET /a; upgrade: echo`, closed"),
      why: "RFC 9110 section 7.8: behind the 101 the other protocol is spoken"
    )
    .with(\.watched, ["upgrade"]).with(\.reply, agrees).with(\.isProbed, false),
    .init(
      "bytes before the 101",
      upgrade + "ping bye\r\n\r\n",
      expect: .exactly("502 400, `GET /a; upgrade: echo`, closed"),
      why: early
    )
    .with(\.watched, ["upgrade"]).with(\.reply, agrees).with(\.isProbed, false),
    .init(
      "a request before the 101",
      upgrade,
      expect: .exactly("502, `GET /a; upgrade: echo`, kept"),
      why: early
    ).with(\.watched, ["upgrade"]).with(\.reply, agrees),
    .init(
      "an upgrade to h2c",
      message("GET /a HTTP/1.1", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
      expect: .forwarded(["GET /a"]),
      why: "RFC 9113 section 3.1: the h2c upgrade is obsolete; through it requests would pass that nobody has judged"
    )
    .with(\.watched, ["upgrade", "http2-settings"]),
    .init(
      "Upgrade that Connection does not name",
      message("GET /a HTTP/1.1", "Upgrade: echo"),
      expect: .forwarded(["GET /a"]),
      why: "RFC 9110 section 7.8: Upgrade is only sent with the connection option"
    )
    .with(\.watched, ["upgrade"]),
    .init(
      "a 101 that nobody asked for",
      message("GET /a HTTP/1.1"),
      expect: .exactly("502, `GET /a`, kept"),
      why: "RFC 9110 section 15.2.2: a server switches only where the client asked"
    )
    .with(\.reply, agrees),
    .init(
      "CONNECT",
      bare("CONNECT a.test:80 HTTP/1.1", "Host: a.test:80"),
      "ping bye",
      expect: .exactly("200, `CONNECT a.test:80`, closed"),
      why: "RFC 9110 section 9.3.6: a server that tunnels nothing may refuse; one behind weft is asked"
    )
    .with(\.reply, opens).with(\.isProbed, false),
    .init(
      "CONNECT and a request at once",
      bare("CONNECT a.test:80 HTTP/1.1", "Host: a.test:80"),
      expect: .exactly("502, `CONNECT a.test:80`, kept"),
      why: "RFC 9110 section 9.3.6: the tunnel begins behind the 2xx; what was sent before could be another request"
    )
    .with(\.reply, opens),
    .init(
      "CONNECT without a port",
      bare("CONNECT a.test HTTP/1.1", "Host: a.test"),
      expect: .refused,
      why: "RFC 9110 section 9.3.6: the port must be named; 400"
    ),
    .init("CONNECT with a path", bare("CONNECT /a HTTP/1.1", "Host: a.test"), expect: .refused, why: form),
    .init(
      "TRACE",
      message("TRACE /a HTTP/1.1"),
      expect: .forwarded(["TRACE /a"]),
      why: "RFC 9110 section 9.3.8: TRACE is the server's to answer; many refuse it for what it shows"
    ),
  ]
}
