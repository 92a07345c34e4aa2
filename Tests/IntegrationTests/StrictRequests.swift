import WeftTestKit

/// What a proxy sends on is held to the letter here: whatever a server behind it reads, it must find the same messages.
enum StrictRequests {
  /// Why `bytes`, all that a server got on a connection, are not requests that every reader takes in the same way; nil
  /// where they are. A message that breaks off is held to as much as there is of it.
  static func fault(in bytes: [UInt8], isTunnel: Bool) -> String? {
    var at = 0
    while at < bytes.count {
      guard case .whole(let request, let count) = WireRequest.read(bytes[at...]) else { return nil }
      let head = lines(bytes[at...])
      if let fault = fault(in: head, of: request) { return fault }
      at += count
      if isTunnel { return nil }
    }
    return nil
  }

  /// The lines of a head, each up to its LF, without the empty one.
  private static func lines(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var rest = bytes
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let line = rest[...end]
      rest = rest[(end + 1)...]
      if line.count <= 2 { break }
      lines.append(line)
    }
    return lines
  }

  private static func fault(in head: [ArraySlice<UInt8>], of request: WireRequest) -> String? {
    for line in head {
      guard line.suffix(2).elementsEqual("\r\n".utf8) else { return "a line that does not end in CRLF" }
      guard !line.dropLast(2).contains(where: { ($0 < 32 && $0 != 9) || $0 == 127 }) else {
        return "a control character"
      }
    }
    guard let first = head.first, first.filter({ $0 == UInt8(ascii: " ") }).count == 2 else {
      return "a loose first line"
    }
    for line in head.dropFirst() {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return "a line without a colon" }
      let name = line[..<colon]
      guard !name.isEmpty, !name.contains(UInt8(ascii: " ")), !name.contains(9) else { return "a loose name" }
    }
    func count(_ name: String) -> Int { request.fields.count { $0.name.lowercased() == name } }
    let lengths = count("content-length")
    let codings = count("transfer-encoding")
    guard lengths + codings <= 1 else { return "\(lengths) lengths and \(codings) codings" }
    guard codings == 0 || request.first("transfer-encoding") == "chunked" else { return "a coding other than chunked" }
    return count("host") == 1 ? nil : "\(count("host")) Hosts"
  }
}
