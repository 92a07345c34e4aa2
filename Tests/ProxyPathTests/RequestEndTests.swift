import HTTP1
import Journal
import MeshModel
@testable import ProxyPath
import Telemetry
import Testing

@Suite struct RequestEndTests {
  @Test("Each end's number is its place in the list, which metrics count by, and each has a word of its own")
  func words() {
    let all = RequestEnd.allCases
    #expect(all.map { Int($0.rawValue) } == Array(all.indices))
    #expect(Set(all.map { $0.text.description }).count == all.count)
    for word in all.map({ $0.text.description }) {
      #expect(word.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
    }
  }

  @Test("Metrics have a label for every method and end, under the number that the path counts by")
  func layout() {
    let layout = WorkerCounters.requestLayout
    #expect(Method.allCases.map { Int($0.rawValue) } == Array(layout.methods.indices))
    #expect(layout.methods[Int(Method.delete.rawValue)] == "DELETE")
    #expect(layout.methods[Int(Method.other.rawValue)] == "other")
    #expect(layout.ends == RequestEnd.allCases.map { $0.text.description })
  }

  @Test("Only an answer below 500 of whom it was meant for, or a redirect, is well; all else is always recorded")
  func outcomes() {
    for end in RequestEnd.allCases {
      let expected: RequestOutcome =
        switch end {
        case .finished, .redirected: .ok
        case .denied, .unauthenticated, .rateLimited, .ownPort: .denied
        default: .failed
        }
      #expect(RequestEvent.outcome(end, status: 404) == expected, "\(end)")
      let event = RequestEvent.sample(end, status: 404, sampled: false)
      #expect(event.isRecorded == (expected != .ok), "\(end)")
    }
    #expect(RequestEvent.outcome(.finished, status: 499) == .ok)
    #expect(RequestEvent.outcome(.finished, status: 500) == .failed)
    #expect(RequestEvent.sample(sampled: true).isRecorded)
  }

  @Test(
    "An answered call of gRPC is well unless what it came to is the server's failure, by the same list as in metrics"
  )
  func calls() {
    for code in GRPCCode.allCases {
      #expect(RequestEvent.outcome(.finished, status: 200, code) == (code.isFailure ? .failed : .ok), "\(code)")
      #expect(RequestEvent.outcome(.denied, status: 200, code) == .denied)
    }
    #expect(GRPCCode.allCases.map(\.isFailure) == RequestLayout.grpcFailures)
  }

  @Test("A call that the proxy answers itself is told what gRPC has a word for")
  func callAnswers() {
    let expected: [(RequestEnd, UInt16, GRPCCode)] = [
      (.denied, 403, .permissionDenied), (.unauthenticated, 401, .unauthenticated), (.noRoute, 404, .unimplemented),
      (.rateLimited, 429, .unavailable), (.noEndpoint, 503, .unavailable), (.connectFailed, 503, .unavailable),
      (.refusedUnseen, 503, .unavailable),
      (.timeout, 504, .deadlineExceeded), (.idle, 504, .unavailable), (.badRequest, 400, .internal),
      (.noBackend, 500, .unavailable), (.upstreamProtocol, 502, .unavailable), (.loop, 508, .unknown),
      (.aborted, 418, .unknown), (.aborted, 503, .unavailable),
    ]
    for (end, status, code) in expected {
      #expect(LocalAnswer(status: status, end: end).grpcCode == code, "\(end) \(status)")
    }
  }

  @Test("docs/journal.md tells every reason, and what it is recorded as")
  func documented() throws {
    let rows = try SourceTree.text("docs/journal.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
    for end in RequestEnd.allCases {
      let event = RequestEvent.sample(end, status: 200).eventKind.name
      let row = rows.first { $0.contains("`\(end.text)`") && $0.contains("| `\(event)`") }
      #expect(row != nil, "\(end.text)")
    }
  }

  @Test("Response flags are listed by Envoy's short names, in a fixed order")
  func flags() {
    #expect(ResponseFlags().text == "-")
    #expect(ResponseFlags([.upstreamRetryLimitExceeded, .upstreamConnectionFailure]).text == "UF,URX")
    #expect(ResponseFlags(rawValue: 0x1_ffff).text.split(separator: ",").count == 17)
  }
}
