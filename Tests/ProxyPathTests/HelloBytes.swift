import Testing

/// ClientHellos: some that programs really sent, and a builder for those that need a special shape.
enum HelloBytes {
  /// A message, and what it says of where it goes.
  struct Sample: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let name: String
    let protocols: String
  }

  /// `openssl s_client -servername shop.example.org -alpn h2,http/1.1` (OpenSSL 3.0).
  static let openssl = Sample(
    testDescription: "openssl, TLS 1.3",
    bytes: decode(
      """
      160301014f0100014b030333d4ec46ab214cb7482f13293395e3a2e2ef0d533fb72d82082f4258ac9e2ec020e327666de6d2dabf36341860\
      4c1fb5363f563d93d19f01cf9c387dc7515f3c13003e130213031301c02cc030009fcca9cca8ccaac02bc02f009ec024c028006bc023c027\
      0067c00ac0140039c009c0130033009d009c003d003c0035002f00ff010000c400000015001300001073686f702e6578616d706c652e6f72\
      67000b000403000102000a00160014001d0017001e0019001801000101010201030104002300000010000e000c02683208687474702f312e\
      310016000000170000000d002a0028040305030603080708080809080a080b080408050806040105010601030303010302040205020602\
      002b0009080304030303020301002d00020101003300260024001d0020d3b1f85797159d7361f911dedd8a1502c28e275f9070b66520523a\
      30de400a5b
      """
    ),
    name: "shop.example.org",
    protocols: "h2,http/1.1"
  )

  /// `openssl s_client -noservername -tls1_2`: neither name nor protocols.
  static let anonymous = Sample(
    testDescription: "openssl, TLS 1.2, no name",
    bytes: decode(
      """
      16030100b7010000b30303930a79f3d5395155b3cc2b64ca7e790ab8879028d57e80c07c2167b7a20c6cc8000038c02cc030009fcca9cca8\
      ccaac02bc02f009ec024c028006bc023c0270067c00ac0140039c009c0130033009d009c003d003c0035002f00ff01000052000b00040300\
      0102000a000c000a001d0017001e00190018002300000016000000170000000d002a0028040305030603080708080809080a080b08040805\
      0806040105010601030303010302040205020602
      """
    ),
    name: "",
    protocols: ""
  )

  /// `curl https://api.test/` (curl 7.88 on OpenSSL), padded to 517 bytes.
  static let curl = Sample(
    testDescription: "curl",
    bytes: decode(
      """
      1603010200010001fc0303d210d0fe6f613a4c08a838b70169f27fb795313369421326d535f08d8719c9182002fed80bf80128ed17b59573\
      ce692f3e07635f984aefaf843be81f3dd18d58c7003e130213031301c02cc030009fcca9cca8ccaac02bc02f009ec024c028006bc023c027\
      0067c00ac0140039c009c0130033009d009c003d003c0035002f00ff010001750000000d000b0000086170692e74657374000b0004030001\
      02000a00160014001d0017001e00190018010001010102010301040010000e000c02683208687474702f312e310016000000170000003100\
      00000d002a0028040305030603080708080809080a080b080408050806040105010601030303010302040205020602002b00090803040303\
      03020301002d00020101003300260024001d0020d7b9909db29488d4701bd1f2e94375e1c144647c3df22221d35997a017ad121d001500b5
      """
    ) + [UInt8](repeating: 0, count: 0xb5),
    name: "api.test",
    protocols: "h2,http/1.1"
  )

  static let samples = [openssl, anonymous, curl]

  static func decode(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  // MARK: Building

  static func number(_ value: Int, bytes: Int) -> [UInt8] {
    (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  static func extended(_ kind: Int, _ body: [UInt8]) -> [UInt8] {
    number(kind, bytes: 2) + number(body.count, bytes: 2) + body
  }

  /// The server_name extension (RFC 6066 section 3).
  static func serverName(_ name: [UInt8], kind: UInt8 = 0) -> [UInt8] {
    let entry = [kind] + number(name.count, bytes: 2) + name
    return extended(0, number(entry.count, bytes: 2) + entry)
  }

  /// The ALPN extension (RFC 7301 section 3.1).
  static func protocols(_ names: [[UInt8]]) -> [UInt8] {
    let list = names.flatMap { [UInt8($0.count)] + $0 }
    return extended(16, number(list.count, bytes: 2) + list)
  }

  /// A handshake message without its record; nil extensions leave out the field altogether.
  static func message(extensions: [UInt8]?, session: Int = 32, length: Int? = nil) -> [UInt8] {
    var body: [UInt8] = [3, 3] + [UInt8](repeating: 0x5a, count: 32)
    body += [UInt8(session)] + [UInt8](repeating: 0xa5, count: session)
    body += [0, 2, 0x13, 0x01, 1, 0]
    if let extensions { body += number(extensions.count, bytes: 2) + extensions }
    return [1] + number(length ?? body.count, bytes: 3) + body
  }

  /// `message` in records of at most `size` bytes each (RFC 8446 section 5.1).
  static func records(_ message: [UInt8], size: Int = 1 << 14) -> [UInt8] {
    stride(from: 0, to: message.count, by: size).flatMap { start -> [UInt8] in
      let part = message[start..<min(start + size, message.count)]
      return [0x16, 3, 1] + number(part.count, bytes: 2) + part
    }
  }

  /// The message inside a sample's single record.
  static func unwrapped(_ sample: Sample) -> [UInt8] { Array(sample.bytes.dropFirst(5)) }
}
