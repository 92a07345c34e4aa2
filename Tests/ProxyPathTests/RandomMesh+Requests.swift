import MeshModel
import WeftTestKit

extension RandomMesh {
  mutating func authentication() -> RequestAuthentication {
    RequestAuthentication(
      namespace: "default",
      name: "tokens",
      rules: [
        .init(
          issuer: "https://id.example",
          keys: SampleToken.keys,
          fromHeaders: pick([], [], [.init(name: "x-token", prefix: "T ")]),
          forwardsToken: chance(2),
          claimHeaders: pick([], [.init(header: "x-sub", claim: ["sub"])])
        )
      ]
    )
  }

  /// A request; what becomes of it depends on each of its parts under some mesh.
  mutating func request(to destination: SocketAddress) throws -> ImaginedRequest {
    let host = pick("web", "web", "WEB.", "web.test", "a.test", "member", "unknown.test", "web.default.svc")
    let path = pick("", "/", "/a", "/a/b", "//a/b", "/x/../a", "/%61", "/a%2Fb", "/a;b", "/a?q=1", "/b", "/%zz")
    let query = chance(12) ? "?access_token=\(SampleToken.good)" : ""
    return try ImaginedRequest(
      method: pick("GET", "GET", "POST", "get"),
      url: "http://\(host)\(path)" + (path.contains("?") ? "" : query),
      headers: some(0...3) { $0.header() },
      destination: destination
    )
  }

  private mutating func header() -> ImaginedRequest.Header {
    switch pick(0, 1, 2, 3, 4, 5) {
    case 0: .init(pick("x-a", "X-A"), pick("1", "2", ""))
    case 1:
      .init(
        "X-Forwarded-For",
        pick("198.51.100.7", "198.51.100.7, 10.2.0.9", "127.0.0.1", "unknown", "10.2.0.8")
      )
    case 2: .init("Authorization", "\(pick("Bearer", "bearer", "Basic")) \(token())")
    case 3: .init("X-Token", "\(pick("T", "t")) \(token())")
    case 4: .init(pick("X-Sub", "L5d-Client-Id", "Traceparent", "Connection"), pick("alice", "x", "x-a"))
    default:
      pick(
        .init("x-weft-hops", "31"),
        .init("x-weft-hops", "32"),
        .init("x-weft-hops", "many"),
        .init("Content-Length", "x"),
        .init("X_Forwarded_For", "x"),
        .init("Accept", "*/*")
      )
    }
  }

  private mutating func token() -> String { pick(SampleToken.good, SampleToken.good, SampleToken.expired, "nonsense") }
}

/// ES256, of issuer https://id.example; made with the openssl command line, as their key was.
enum SampleToken {
  /// Of alice, whose role is admin, until the year 2100.
  static let good =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6Im9uZSJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiJhbGljZSIsInJvbGUiOiJhZG1pb"
    + "iIsImV4cCI6NDEwMjQ0NDgwMH0.8uAknMbWcx-WMbJGrjj4A0I_YAYEVBAg3Dx11jiF_bfeaIwPk4NmawcOdu1zR-1khIu1jIhVOvayEOd5nz"
    + "dqsw"
  /// Of alice, until 2023.
  static let expired =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6Im9uZSJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiJhbGljZSIsImV4cCI6MTcwMDAwM"
    + "DAwMH0.o6kKK3d_dKFAIIAni0r8K7gqpqhTAMB1IHSKWYIZGxjiFalRz7_uf2sfE7ua277SUzN7MYczyqmNGVJtmfeffA"

  static var keys: [JSONWebKey] {
    guard let x = Base64URL.decode("dzT6D6r10-lfC6H9merA5zv_c3_dY6Ms7lfUlwEHHns".utf8),
      let y = Base64URL.decode("k-inW45aWVAfK85wCPW0vN0OBsY73WQ9nZZsxDDqt30".utf8)
    else { return [] }
    return [JSONWebKey(id: "one", .p256(x: x, y: y))]
  }
}
