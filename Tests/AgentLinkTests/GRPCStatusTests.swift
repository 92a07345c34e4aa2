import HTTP2
import Testing

@testable import AgentLink

@Suite struct GRPCStatusTests {
  @Test("A message is percent-decoded; what is no escape stays, and what would steer a terminal goes")
  func messages() {
    let cases = [
      ("", ""), ("plain", "plain"), ("100%25", "100%"), ("caf%C3%A9%0Aline", "café\nline"), ("50%", "50%"),
      ("%4", "%4"), ("%zz%41", "%zzA"), ("%1B[31mred", "\u{fffd}[31mred"), ("%ff", "\u{fffd}"),
    ]
    for (sent, shown) in cases { #expect(GRPCStatus.decode(sent) == shown, "\(sent)") }
    let long = String(repeating: "%41", count: 50_000)
    #expect(GRPCStatus.decode(long).utf8.count == GRPCStatus.maxMessageBytes)
  }

  @Test("Trailers give code and message; a code that nobody knows is unknown, and none is none")
  func trailers() {
    #expect(GRPCStatus(trailers: HeaderFields([("grpc-status", "0")])) == GRPCStatus(.ok))
    let denied = HeaderFields([("grpc-status", "7"), ("grpc-message", "no%20way")])
    #expect(GRPCStatus(trailers: denied) == GRPCStatus(.permissionDenied, "no way"))
    for code in ["17", "-1", "x", ""] {
      #expect(GRPCStatus(trailers: HeaderFields([("grpc-status", code)]))?.code == .unknown)
    }
    #expect(GRPCStatus(trailers: HeaderFields([("x", "y")])) == nil)
  }

  @Test("Headers that are not those of gRPC are refused, each with its code")
  func headers() {
    func code(_ status: String, _ type: String, _ more: (String, String)...) -> GRPCStatus.Code? {
      GRPCStatus.refusal(of: HeaderFields([(":status", status), ("content-type", type)] + more))?.code
    }
    #expect(code("200", "application/grpc") == nil)
    #expect(code("200", "application/grpc+proto") == nil)
    #expect(code("200", "application/grpc; charset=utf-8") == nil)
    #expect(code("200", "application/grpc-web") == .unknown)
    #expect(code("200", "text/html") == .unknown)
    #expect(code("200", "application/grpc", ("grpc-encoding", "identity")) == nil)
    #expect(code("200", "application/grpc", ("grpc-encoding", "gzip")) == .internalError)
    let http: [(String, GRPCStatus.Code)] = [
      ("400", .internalError), ("401", .unauthenticated), ("403", .permissionDenied), ("404", .unimplemented),
      ("429", .unavailable), ("502", .unavailable), ("503", .unavailable), ("504", .unavailable), ("500", .unknown),
    ]
    for (status, expected) in http { #expect(code(status, "text/plain") == expected) }
  }

  @Test("A timeout has at most eight digits, and never says less than was asked")
  func timeouts() {
    let cases: [(UInt64, String)] = [
      (0, "0m"), (1, "1m"), (99_999_999, "99999999m"), (100_000_000, "100000S"), (100_000_001, "100001S"),
      (100_000_000_000, "1666667M"), (.max, "99999999H"),
    ]
    for (timeout_ms, text) in cases { #expect(GRPCTimeout.text(timeout_ms: timeout_ms) == text) }
  }
}
