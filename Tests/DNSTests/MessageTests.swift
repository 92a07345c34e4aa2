import DNS
import MeshModel
import Testing

@Suite("DNS messages")
struct MessageTests {
  /// Packets that dnspython 2.9 wrote.
  static let packets: [(name: String, hex: String, lines: [String])] = [
    (
      "a plain query", "123401000001000000000000035765620453686f70046d6573680000010001",
      ["NOERROR rd", "? Web.Shop.mesh 1 A"]
    ),
    (
      "a query with EDNS and a cookie",
      "123401000001000000000001037765620473686f70046d65736800001c0001000029100000008000000c000a00080011223344556677",
      ["NOERROR rd", "EDNS 4096 do options [10]", "? web.shop.mesh 1 AAAA"]
    ),
    (
      "compressed names",
      "12348180000100030000000003777777076578616d706c6503636f6d0000010001c00c000500010000012c000603776562c010c02d00010001"
        + "0000003c0004c0000201c02d000100010000003c0004c0000202",
      [
        "NOERROR qr rd ra", "? www.example.com 1 A", "= www.example.com 300 CNAME web.example.com",
        "= web.example.com 60 A 192.0.2.1", "= web.example.com 60 A 192.0.2.2",
      ]
    ),
    (
      "NXDOMAIN with SOA and an extended error",
      "12348103000100000001000104676f6e65076578616d706c6503636f6d0000010001c0110006000100000e100027036e7331c0110a686f7374"
        + "6d6173746572c01178a3f17500001c2000000708000151800000012c00002904d0000000000012000f000e00166e6f626f647920746865"
        + "7265",
      [
        "NXDOMAIN qr rd", "EDNS 1232 options [15] error 22 nobody there", "? gone.example.com 1 A",
        "^ example.com 3600 SOA ns1.example.com hostmaster.example.com 2024010101 7200 1800 86400 300",
      ]
    ),
    (
      "SRV with its address",
      "123481000001000100000001055f68747470045f746370037765620473686f70046d6573680000210001c00c00210001000000050015000000"
        + "0a1f90037765620473686f70046d65736800c017001c0001000000050010fd000000000000000000000000000001",
      [
        "NOERROR qr rd", "? _http._tcp.web.shop.mesh 1 SRV", "= _http._tcp.web.shop.mesh 5 SRV 0 10 8080 web.shop.mesh",
        "+ web.shop.mesh 5 AAAA fd00::1",
      ]
    ),
    (
      "PTR",
      "1234810000010001000000000131013001300332343007696e2d61646472046172706100000c0001c00c000c000100000005000f0377656204"
        + "73686f70046d65736800",
      ["NOERROR qr rd", "? 1.0.0.240.in-addr.arpa 1 PTR", "= 1.0.0.240.in-addr.arpa 5 PTR web.shop.mesh"]
    ),
    (
      "MX with NS",
      "123481000001000100010000076578616d706c6503636f6d00000f0001c00c000f0001000000050009000a046d61696cc00cc00c0002000100"
        + "0000050005026e73c00c",
      [
        "NOERROR qr rd", "? example.com 1 MX", "= example.com 5 MX 10 mail.example.com",
        "^ example.com 5 NS ns.example.com",
      ]
    ),
    (
      "TXT as bytes",
      "123481000001000100000000076578616d706c6503636f6d0000100001c00c0010000100000005000c0b763d73706631202d616c6c",
      ["NOERROR qr rd", "? example.com 1 TXT", "= example.com 5 TXT \u{0b}v=spf1 -all"]
    ),
  ]

  @Test("of another program are read, and written so that they are read the same", arguments: packets)
  func reads(name: String, hex: String, lines: [String]) throws {
    let message = try Message(packet(hex))
    #expect(message.header.id == 0x1234)
    #expect(message.lines == lines)
    #expect(try Message(message.encode()) == message)
  }

  @Test("are written as short as another program writes them", arguments: packets)
  func compresses(name: String, hex: String, lines: [String]) throws {
    let bytes = packet(hex)
    #expect(try Message(bytes).encode().count == bytes.count)
  }

  private static let head = "123401000001000000000000"
  @Test(
    "that are not what they say are refused",
    arguments: [
      ("", DNSFault.shortHeader), ("1234010000010000000000", .shortHeader),
      (head, .shortMessage), (head + "03776562", .shortMessage), (head + "0377656200000100", .shortMessage),
      (head + "037765620000010001ff", .trailingBytes), (head + "40776562000001", .labelType),
      (head + "c00c00010001", .pointer), (head + "0161c00c00010001", .pointer), (head + "c00000010001", .pointer),
      (head + "0161c0ff00010001", .pointer), (head + "c0", .shortMessage),
      // A record of type A with three bytes, AAAA with four, and PTR whose name ends before its data.
      ("123481000000000100000000 0000010001000000050003c00002", .recordLength),
      ("123481000000000100000000 00001c0001000000050004c0000201", .recordLength),
      ("123481000000000100000000 00000c000100000005000401610000", .recordLength),
      ("123481000000000100000000 00000c00010000000500020161 00", .recordLength),
      ("123481000000000100000000 0000100001000000050009 01", .shortMessage),
      // OPT among the answers, twice, with a name, and with options that do not fill it.
      ("123401000000000100000000 00002904d0000000000000", .misplacedOPT),
      ("123401000000000000000002 00002904d0000000000000 00002904d0000000000000", .misplacedOPT),
      ("123401000000000000000001 016100002904d0000000000000", .misplacedOPT),
      ("123401000000000000000001 00002904d0000000000003 000a00", .malformedOPT),
      ("123401000000000000000001 00002904d0000000000004 000a0001", .malformedOPT),
    ] as [(String, DNSFault)]
  )
  func refuses(hex: String, fault: DNSFault) { #expect(throws: fault) { try Message(packet(hex)) } }

  @Test("with a name of more than 255 bytes are refused, however it is put together")
  func longNames() throws {
    let label = "3f" + String(repeating: "61", count: 63)
    let four = Self.head + label + label + label + label + "00 00010001"
    #expect(throws: DNSFault.nameTooLong) { try Message(packet(four)) }
    // 255 bytes exactly are well.
    let last = "3d" + String(repeating: "61", count: 61)
    let most = Self.head + label + label + label + last + "00 00010001"
    #expect(try Message(packet(most)).questions.first?.name.bytes.count == DNSLimit.nameBytes)
    // A second question of 16 more bytes that leads to the first.
    let joined =
      "123401000002000000000000" + label + label + label + last + "00 00010001 0f" + String(repeating: "62", count: 15)
      + "c00c 00010001"
    #expect(throws: DNSFault.nameTooLong) { try Message(packet(joined)) }
  }

  @Test("cannot make names walk from pointer to pointer for long")
  func pointerChains() throws {
    // Questions whose names are one pointer each, to the one before: the walk grows by one each.
    var bytes = packet("123401000000000000000000 00 00010001")
    var place = 12
    let count = DNSLimit.pointers + 2
    for _ in 1..<count {
      let next = bytes.count
      bytes += [0xc0 | UInt8(place >> 8), UInt8(place & 0xff), 0, 1, 0, 1]
      place = next
    }
    bytes[5] = UInt8(count)
    #expect(throws: DNSFault.pointer) { try Message(bytes) }
    bytes[5] = UInt8(count - 1)
    bytes.removeLast(6)
    #expect(throws: Never.self) { try Message(bytes) }
  }

  @Test("with times of the first bit set have none")
  func times() throws {
    let message = try Message(packet("123481000000000100000000 0000010001ffffffff0004c0000201"))
    #expect(message.answers.first?.ttl_s == 0)
  }

  @Test("that do not fit are cut between records, with TC where an answer is lost and not where only help is")
  func cuts() throws {
    let name = try #require(DomainName("web.shop.mesh"))
    let records = (0..<60).map { ResourceRecord(name, ttl_s: 5, .a(IPAddress(v4: 0x0a00_0000 + $0))) }
    var message = Message(MessageHeader(id: 1, flags: 0x8000), questions: [Question(name, .a)], edns: EDNS())
    message.answers = records
    let cut = message.encode(limit: DNSLimit.plainUDPBytes)
    let read = try Message(cut)
    #expect(cut.count <= DNSLimit.plainUDPBytes && cut.count > DNSLimit.plainUDPBytes - 16)
    #expect(read.header.isTruncated && read.edns == EDNS())
    #expect(read.answers == Array(records.prefix(read.answers.count)) && !read.answers.isEmpty)

    message.answers = Array(records.prefix(5))
    message.additionals = records
    let help = try Message(message.encode(limit: DNSLimit.plainUDPBytes))
    #expect(!help.header.isTruncated && help.answers.count == 5 && !help.additionals.isEmpty)
    #expect(help.additionals.count < records.count)
    #expect(try Message(message.encode()) == message)
  }
}
