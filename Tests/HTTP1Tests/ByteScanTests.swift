@testable import HTTP1
import Testing
import WeftTestKit

/// Every scan against the plain loop it stands for, with every byte at every place of a word and of a tail.
@Suite struct ByteScanTests {
  private typealias Scan = (UnsafeRawPointer, Int, Int) -> Int

  private func check(fill: UInt8, _ scan: Scan, stops: (UInt8) -> Bool) {
    let memory = GuardedBytes(room: 4096)
    for length in [1, 2, 7, 8, 9, 15, 16, 17] {
      for place in 0..<length {
        for byte in UInt8.min ... .max {
          var bytes = [UInt8](repeating: fill, count: length)
          bytes[place] = byte
          // What follows a hit must not hide or move it.
          if place + 1 < length { bytes[place + 1] = byte &+ 1 }
          let expected = bytes.firstIndex(where: stops) ?? length
          let found = memory.lend(bytes) { lent in lent.baseAddress.map { scan($0, 0, length) } }
          guard found == expected else {
            Issue.record("\(bytes): \(String(describing: found)) instead of \(expected)")
            return
          }
        }
      }
    }
  }

  @Test("Control characters are found")
  func controls() {
    check(fill: 0x41) {
      ByteScan.firstControl($0, from: $1, to: $2)
    } stops: {
      $0 < 0x20 || $0 == 0x7f
    }
  }

  @Test("What ends a name is found")
  func names() {
    check(fill: 0x61) {
      ByteScan.firstOutsideName($0, from: $1, to: $2)
    } stops: { byte in
      !(0x30...0x39).contains(byte) && !(0x41...0x5a).contains(byte) && !(0x61...0x7a).contains(byte) && byte != 0x2d
    }
  }

  @Test("What ends a path is found")
  func paths() {
    check(fill: 0x61) {
      ByteScan.firstOutsidePath($0, from: $1, to: $2)
    } stops: { byte in
      byte < 0x21 || byte > 0x7e || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "?")
    }
  }

  @Test("What ends a query is found")
  func queries() {
    check(fill: 0x3f) {
      ByteScan.firstOutsideQuery($0, from: $1, to: $2)
    } stops: { byte in
      byte < 0x21 || byte > 0x7e || byte == UInt8(ascii: "#")
    }
  }

  @Test("Line feeds are found")
  func lines() {
    check(fill: 0x0b) {
      ByteScan.firstLineFeed($0, from: $1, to: $2)
    } stops: {
      $0 == 0x0a
    }
  }

  @Test("Only letters have a lower case")
  func cases() {
    for byte in UInt8.min ... .max {
      #expect(ByteScan.lowercase(byte) == ((0x41...0x5a).contains(byte) ? byte + 0x20 : byte))
    }
  }

  @Test("The sets of bytes are what the RFCs say")
  func sets() {
    let alphanumeric = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    let all = UInt8.min ... .max
    #expect(Set(all.filter(ByteSet.token.contains)) == alphanumeric.union("!#$%&'*+-.^_`|~".utf8))
    #expect(Set(all.filter(ByteSet.unreserved.contains)) == alphanumeric.union("-._~".utf8))
    #expect(Set(all.filter(ByteSet.addressLiteral.contains)) == Set("0123456789abcdefABCDEF:.".utf8))
  }
}
