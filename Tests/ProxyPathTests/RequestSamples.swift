import Foundation
import Glibc
import HTTP1
import Journal
import Kernel
import MeshModel
import Policy
@testable import ProxyPath
import Testing

extension RequestEvent {
  /// A GET of `web/items` that was answered 200, with all that a record can say.
  static func sample(
    _ end: RequestEnd = .finished,
    status: UInt16 = 200,
    sampled: Bool = true,
    connection: UInt64 = 0xab,
    version: UInt32 = 7
  ) -> RequestEvent {
    var event = RequestEvent(
      connection: ConnectionID(rawValue: connection),
      number: 3,
      direction: .outbound,
      end: end,
      flags: [],
      method: .get,
      status: status,
      isSampled: sampled,
      source: SocketAddress(IPAddress(v4: 0x0a00_0001), port: 4711),
      destination: SocketAddress(IPAddress(v4: 0x0a00_0002), port: 80),
      upstream: SocketAddress(IPAddress(v4: 0x0a00_0003), port: 8080),
      servicePort: 1,
      rule: 2,
      backend: 4,
      tableVersion: version,
      verdict: .notRestricted,
      bytesSent: 128,
      bytesReceived: 5,
      duration_ns: 3_456_789,
      firstByte_ns: 2_000_999,
      traceHigh: 0x1,
      traceLow: 0xabcd,
      span: 0xff,
      parentSpan: 0,
      authorityCount: 0,
      methodCount: 0,
      targetCount: 0,
      isCut: false,
      text: InlineArray(repeating: 0)
    )
    event.keep("web", "GET", "/items?id=1")
    return event
  }

  mutating func keep(_ authority: String, _ method: String, _ target: String) {
    keep(Array(authority.utf8), Array(method.utf8), Array(target.utf8))
  }

  mutating func keep(_ authority: [UInt8], _ method: [UInt8], _ target: [UInt8]) {
    authority.withUnsafeBytes { authority in
      method.withUnsafeBytes { method in
        target.withUnsafeBytes { keep(authority: authority, method: method, target: $0) }
      }
    }
  }
}

/// Names for every number, and a verdict that denies where there is one.
struct SampleNames: RequestNaming {
  var verdict = RequestVerdictWords(description: VerdictDescription(decision: .allow, reason: "nothing restricts it"))

  func service(_ index: Int32) -> String? { "shop/s\(index):80" }
  func route(_ index: Int32) -> String? { "shop/r\(index)/rule0" }
  func describe(_ verdict: RequestVerdict) -> RequestVerdictWords { self.verdict }
  func describe(_ entry: PeerVerdict) -> VerdictDescription {
    VerdictDescription(decision: .deny, reason: "no identity")
  }
}

/// A recorder whose entries can be read back, and the worker's end of it.
final class RecorderScene {
  let outbox: Outbox
  let recorder: Recorder
  let tap = Tap()
  private var ends: [Int32] = [0, 0]

  init() throws {
    try #require(pipe(&ends) == 0)
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    let bell = try RecorderBell()
    outbox = Outbox(bell: bell, tap: tap, identities: IdentityBook())
    recorder = Recorder(
      outboxes: [outbox],
      bell: bell,
      journal: try JournalLog(mode: .stderr, identifier: "weft-proxy", lineDescriptor: ends[1]),
      attribution: FlowAttribution(finder: nil),
      tap: tap,
      origin: "web"
    )
    recorder.known.know(SampleNames(), version: 7)
  }

  deinit { for end in ends { close(end) } }

  /// What was written since the last look: the fields of each entry, those that are no UTF-8 as nil.
  func entries() throws -> [[String: String?]] {
    var text: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(ends[0], &bytes, bytes.count), count > 0 { text += bytes[..<count] }
    return try text.split(separator: UInt8(ascii: "\n")).map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line))
      return try #require(object as? [String: Any]).mapValues { $0 as? String }
    }
  }
}
