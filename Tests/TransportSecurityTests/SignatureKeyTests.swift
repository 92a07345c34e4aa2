import MeshModel
import Testing
import TransportSecurity

@Suite("A signature key")
struct SignatureKeyTests {
  private let message = Array("header.payload".utf8)
  private let exponent: [UInt8] = [1, 0, 1]

  private func rsa() throws -> SignatureKey {
    try SignatureKey(.rsa(modulus: bytes(Vectors.modulus), exponent: exponent))
  }

  private func p256() throws -> SignatureKey { try SignatureKey(.p256(x: bytes(Vectors.x), y: bytes(Vectors.y))) }

  private func verifies(_ key: SignatureKey, _ signature: [UInt8], _ message: [UInt8]) -> Bool {
    signature.withUnsafeBytes { signature in message.withUnsafeBytes { key.verifies(signature, of: $0) } }
  }

  @Test("takes what its private half has signed, and knows its algorithm")
  func right() throws {
    let (rsa, p256) = (try rsa(), try p256())
    #expect(rsa.algorithm == .rs256 && p256.algorithm == .es256)
    #expect(verifies(rsa, bytes(Vectors.rsaSignature), message))
    #expect(verifies(p256, bytes(Vectors.ecSignature), message))
  }

  @Test("takes r with leading zeros and s with its highest bit set, which DER writes in other lengths")
  func shortIntegers() throws {
    #expect(verifies(try p256(), bytes(Vectors.shortSignature), message))
  }

  @Test("refuses a signature in which any byte is another")
  func changed() throws {
    for (key, signature) in [(try rsa(), bytes(Vectors.rsaSignature)), (try p256(), bytes(Vectors.ecSignature))] {
      for index in signature.indices {
        var wrong = signature
        wrong[index] ^= 1
        #expect(!verifies(key, wrong, message))
      }
      #expect(!verifies(key, signature, message + [0]))
      #expect(!verifies(key, signature, []))
    }
  }

  @Test("refuses signatures of any other length", arguments: [0, 1, 32, 63, 65, 72, 96, 128, 255, 257])
  func lengths(_ count: Int) throws {
    for (key, signature) in [(try rsa(), bytes(Vectors.rsaSignature)), (try p256(), bytes(Vectors.ecSignature))] {
      let padded = Array((signature + [UInt8](repeating: 0, count: 256)).prefix(count))
      #expect(count == signature.count || !verifies(key, padded, message))
    }
  }

  @Test("refuses r and s that are zero or not below the curve's order")
  func degenerate() throws {
    let key = try p256()
    #expect(!verifies(key, [UInt8](repeating: 0, count: 64), message))
    #expect(!verifies(key, [UInt8](repeating: 0xff, count: 64), message))
  }

  @Test("refuses the signature of the other kind of key, and of another curve")
  func otherKind() throws {
    #expect(!verifies(try rsa(), bytes(Vectors.ecSignature), message))
    #expect(!verifies(try p256(), bytes(Vectors.rsaSignature), message))
    #expect(!verifies(try p256(), bytes(Vectors.p384Signature), message))
  }

  @Test("is not made of an RSA modulus below 2048 bits, leading zeros not counted, or above 8192")
  func modulus() {
    #expect(throws: SignatureKeyError.modulusSize(1_024)) {
      try SignatureKey(.rsa(modulus: bytes(Vectors.shortModulus), exponent: exponent))
    }
    let padded = [UInt8](repeating: 0, count: 128) + bytes(Vectors.shortModulus)
    #expect(throws: SignatureKeyError.modulusSize(1_024)) {
      try SignatureKey(.rsa(modulus: padded, exponent: exponent))
    }
    #expect(throws: SignatureKeyError.modulusSize(0)) { try SignatureKey(.rsa(modulus: [], exponent: exponent)) }
    #expect(throws: SignatureKeyError.modulusSize(8_200)) {
      try SignatureKey(.rsa(modulus: [UInt8](repeating: 0xff, count: 1_025), exponent: exponent))
    }
    let even = Array(bytes(Vectors.modulus).dropLast()) + [2]
    #expect(throws: SignatureKeyError.evenModulus) { try SignatureKey(.rsa(modulus: even, exponent: exponent)) }
  }

  @Test(
    "is not made of an RSA exponent of 1, 0, an even or a long one",
    arguments: [[], [0], [1], [0, 1], [4], [1, 0]]
  )
  func exponents(_ exponent: [UInt8]) {
    let modulus = bytes(Vectors.modulus)
    #expect(throws: SignatureKeyError.exponent) { try SignatureKey(.rsa(modulus: modulus, exponent: exponent)) }
    let long = [UInt8](repeating: 1, count: SignatureKey.maxExponentBytes + 1)
    #expect(throws: SignatureKeyError.exponent) { try SignatureKey(.rsa(modulus: modulus, exponent: long)) }
  }

  @Test("is not made of a point off P-256, or of coordinates of another curve's size")
  func points() {
    let (x, y) = (bytes(Vectors.x), bytes(Vectors.y))
    #expect(throws: SignatureKeyError.refused) { try SignatureKey(.p256(x: y, y: x)) }
    #expect(throws: SignatureKeyError.refused) {
      try SignatureKey(.p256(x: [UInt8](repeating: 0, count: 32), y: [UInt8](repeating: 0, count: 32)))
    }
    #expect(throws: SignatureKeyError.coordinateSize(48)) { try SignatureKey(.p256(x: bytes(Vectors.p384X), y: y)) }
    #expect(throws: SignatureKeyError.coordinateSize(31)) { try SignatureKey(.p256(x: x, y: Array(y.dropFirst()))) }
  }

  @Test("says of every refusal what is wrong in one sentence")
  func sentences() {
    let errors: [SignatureKeyError] = [.modulusSize(1_024), .evenModulus, .exponent, .coordinateSize(48), .refused]
    for error in errors {
      #expect(error.description.count > 20 && !error.description.hasSuffix("."))
    }
  }
}

/// The bytes that hexadecimal digits write.
private func bytes(_ digits: String) -> [UInt8] {
  let values = digits.utf8.map { $0 <= 0x39 ? $0 - 0x30 : $0 - 0x61 + 10 }
  return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
}
