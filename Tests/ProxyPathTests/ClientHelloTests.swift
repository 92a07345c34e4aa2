@testable import ProxyPath
import Testing
import WeftTestKit

@Suite struct ClientHelloTests {
  private let memory = GuardedBytes(room: 64 << 10)

  private func found(_ pieces: [some Collection<UInt8>]) -> Detected { Detected(pieces: pieces, in: memory) }

  private func expected(_ sample: HelloBytes.Sample) -> Detected {
    Detected(.tls, name: sample.name, protocols: sample.protocols)
  }

  @Test(
    "A real hello tells its name and protocols, wherever it is split in two, and byte by byte",
    arguments: HelloBytes.samples
  )
  func splits(sample: HelloBytes.Sample) {
    #expect(found([sample.bytes]) == expected(sample))
    for split in 1..<sample.bytes.count {
      let pieces = [sample.bytes[..<split], sample.bytes[split...]]
      guard found(pieces) == expected(sample) else {
        Issue.record("split at \(split): \(found(pieces))")
        return
      }
      let start = found([sample.bytes[..<split]])
      guard start == Detected(split > 5 ? .tls : .opaque, settled: false) else {
        Issue.record("only the first \(split) bytes: \(start)")
        return
      }
    }
    #expect(found(sample.bytes.map { [$0] }) == expected(sample))
  }

  @Test(
    "A hello over several records is read across their seams, wherever the pieces end",
    arguments: HelloBytes.samples,
    [1, 2, 3, 4, 5, 50, 150]
  )
  func fragmented(sample: HelloBytes.Sample, size: Int) {
    let bytes = HelloBytes.records(HelloBytes.unwrapped(sample), size: size)
    #expect(found([bytes]) == expected(sample))
    for split in stride(from: 1, to: bytes.count, by: size < 50 ? 7 : 1) {
      guard found([bytes[..<split], bytes[split...]]) == expected(sample) else {
        Issue.record("split at \(split): \(found([bytes[..<split], bytes[split...]]))")
        return
      }
    }
  }

  @Test("What follows the hello in the same flight changes nothing: early data, change cipher spec, more handshake")
  func followed() {
    for more in [[0x17, 3, 3, 0, 1, 9], [0x14, 3, 3, 0, 1, 1], HelloBytes.curl.bytes, [0x16, 3, 1, 0, 0], [0xff]]
      as [[UInt8]]
    {
      #expect(found([HelloBytes.openssl.bytes + more]) == expected(HelloBytes.openssl))
    }
  }

  private func parsed(_ extensions: [UInt8]?) -> Detected {
    found([HelloBytes.records(HelloBytes.message(extensions: extensions))])
  }

  @Test("A hello without extensions is whole; so is one that names no host, or a host of an unknown kind")
  func nameless() {
    #expect(parsed(nil) == Detected(.tls, name: "", protocols: ""))
    #expect(parsed([]) == Detected(.tls, name: "", protocols: ""))
    #expect(parsed(HelloBytes.extended(0, [])) == Detected(.tls, name: "", protocols: ""))
    #expect(parsed(HelloBytes.serverName(Array("host".utf8), kind: 1)) == Detected(.tls, name: "", protocols: ""))
  }

  @Test("A name of 255 bytes is kept, a longer one is not, and neither hides what comes after it")
  func nameLimit() {
    let alpn = HelloBytes.protocols([Array("h2".utf8)])
    for (length, kept) in [(1, 1), (253, 253), (255, 255), (256, 0), (4000, 0)] {
      let detected = parsed(HelloBytes.serverName([UInt8](repeating: 0x61, count: length)) + alpn)
      #expect(detected == Detected(.tls, name: String(repeating: "a", count: kept), protocols: "h2"), "\(length)")
    }
  }

  @Test("Offered protocols are joined by commas up to 63 bytes, and never cut inside a name")
  func protocolLimit() {
    func offered(_ names: [String]) -> String? { parsed(HelloBytes.protocols(names.map { Array($0.utf8) })).protocols }
    let (long, longest) = (String(repeating: "x", count: 60), String(repeating: "y", count: 63))
    #expect(offered(["h2", "http/1.1", "http/1.0"]) == "h2,http/1.1,http/1.0")
    #expect(offered([longest]) == longest)
    #expect(offered([longest + "y"]) == "")
    #expect(offered([long, "h2"]) == long + ",h2")
    #expect(offered([long, "abc", "h2"]) == long + ",h2", "one that does not fit is left out")
    #expect(offered([longest, "h2"]) == longest)
    #expect(offered([]) == "")
  }

  @Test("Lengths that contradict each other are not believed: it is TLS, and nothing is known of it")
  func contradictions() {
    let unknown = Detected(.tls)
    let name = HelloBytes.serverName(Array("host.example".utf8))
    // The inner length of the name reaches beyond its extension, into the next one.
    var reaching = name
    reaching[8] = 40
    #expect(parsed(reaching + HelloBytes.extended(21, [UInt8](repeating: 0, count: 60))) == unknown)
    // A protocol's length reaches beyond the list.
    var protocols = HelloBytes.protocols([Array("h2".utf8)])
    protocols[6] = 9
    #expect(parsed(protocols + HelloBytes.extended(21, [UInt8](repeating: 0, count: 60))) == unknown)
    // An extension longer than all of them together.
    #expect(parsed(HelloBytes.number(21, bytes: 2) + HelloBytes.number(500, bytes: 2)) == unknown)
    // The message says it ends before its fields do: what lies behind is not part of it.
    let short = HelloBytes.message(extensions: name, length: 40)
    #expect(found([HelloBytes.records(short)]) == unknown)
    // Longer than anything that is waited for.
    #expect(
      found([HelloBytes.records(HelloBytes.message(extensions: name, length: Detection.partialLimit + 1))]) == unknown
    )
  }

  @Test("A record of another kind, of another protocol or without content inside the hello ends the reading")
  func brokenRecords() {
    let message = HelloBytes.unwrapped(HelloBytes.openssl)
    let first = HelloBytes.records(Array(message[..<100]))
    let rest = HelloBytes.records(Array(message[100...]))
    #expect(found([first + rest]) == expected(HelloBytes.openssl))
    for broken in [[0x17, 3, 1] + rest.dropFirst(3), [0x16, 9, 1] + rest.dropFirst(3), [0x16, 3, 1, 0, 0] + rest] {
      #expect(found([first + broken]) == Detected(.tls))
      #expect(found([first, broken]) == Detected(.tls))
    }
  }
}
