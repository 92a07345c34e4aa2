import Glibc
@testable import ProxyPath
import Testing

@Suite struct CloseReasonTests {
  @Test("Each reason's number is its place in the list, which metrics count by, and each has a word of its own")
  func words() {
    let all = CloseReason.allCases
    #expect(all.map { Int($0.rawValue) } == Array(all.indices))
    #expect(Set(all.map { $0.text.description }).count == all.count)
    for word in all.map({ $0.text.description }) {
      #expect(word.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
    }
  }

  @Test("Only an end that both sides wanted is orderly and has no flag")
  func resets() {
    for reason in CloseReason.allCases {
      #expect(reason.resets == (reason != .finished))
      #expect((reason.flag.description == "-") == (reason == .finished))
    }
  }

  @Test("What the kernel says of a dial becomes the reason that operators search for")
  func dialErrors() {
    let expected: [(Int32, CloseReason)] = [
      (ECONNREFUSED, .upstreamRefused), (ECONNRESET, .serverReset), (ETIMEDOUT, .connectTimeout),
      (EHOSTUNREACH, .upstreamUnreachable), (ENETUNREACH, .upstreamUnreachable), (EADDRNOTAVAIL, .upstreamUnreachable),
      (EACCES, .upstreamUnreachable), (EMFILE, .overloaded), (ENFILE, .overloaded),
    ]
    for (code, reason) in expected {
      #expect(CloseReason(dialError: code) == reason, "\(String(cString: strerror(code)))")
    }
  }
}
