import HTTP1
import HTTP2

@testable import Transcoding

/// What a message came to: its fields, its body, its trailers.
struct Carried: Equatable {
  var fields: [String] = []
  var body = ""
  var trailers: [String]?
  var interim: [[String]] = []
  var isEnded = false
}

/// Says a composed message in HTTP/2, in as many pieces as it is given.
func carry(_ message: String, by encoder: MessageEncoder = .request) -> Carried? {
  var encoder = encoder
  return carry(message, &encoder) { _ in 0 }
}

/// The same, where of each run of the body the last bytes are given back as often as `refused` says so.
func carry(_ message: String, _ encoder: inout MessageEncoder, refusing refused: (Int) -> Int) -> Carried? {
  let room = EncodeRoom()
  var carried = Carried()
  let bytes = Array(message.utf8)
  var at = 0
  var steps = 0
  while true {
    steps += 1
    guard steps < 100_000 else { return nil }
    let step = bytes.withUnsafeBytes { encoder.next(UnsafeRawBufferPointer(rebasing: $0[at...]), in: room) }
    switch step {
    case .head(let consumed, let endsStream):
      carried.fields = room.withList { texts($0) }
      carried.isEnded = endsStream
      at += consumed
    case .informational(let consumed):
      carried.interim.append(room.withList { texts($0) })
      at += consumed
    case .data(let offset, let count, let consumed, let isLast):
      let back = refused(count)
      carried.body += String(decoding: bytes[(at + offset)..<(at + offset + count - back)], as: UTF8.self)
      encoder.giveBack(back)
      at += consumed - back
      if isLast, back == 0 { carried.isEnded = true }
    case .trailers(let consumed):
      carried.trailers = room.withList { texts($0) }
      carried.isEnded = true
      at += consumed
    case .end(let consumed):
      carried.isEnded = true
      at += consumed
    case .nothing: return carried
    case .malformed: return nil
    }
  }
}

func texts(_ list: PathFieldList) -> [String] {
  (0..<list.count).map {
    "\(String(decoding: list.name($0), as: UTF8.self)): \(String(decoding: list.value($0), as: UTF8.self))"
  }
}

/// A list of fields as a session would tell it.
func withFields<Result>(_ fields: [(String, String)], _ body: (PathFieldList) -> Result) -> Result {
  var buffer = PathFieldBuffer()
  for (name, value) in fields {
    let isThere = Array(name.utf8).withUnsafeBytes { name in
      Array(value.utf8).withUnsafeBytes { buffer.append(name, $0) }
    }
    precondition(isThere)
  }
  return buffer.withList { body($0) }
}

/// What is written, as text.
func written(_ body: (inout HeadWriter) -> Void) -> String {
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 200_000, alignment: 1)
  defer { memory.deallocate() }
  var writer = HeadWriter(memory)
  body(&writer)
  return String(decoding: writer.written, as: UTF8.self)
}
