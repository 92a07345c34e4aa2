internal import SwiftASN1

// What this module keeps and sends is DER: one encoding for each value, enforced by the library that reads certificates.

/// The DER of one SEQUENCE.
func encodedSequence(_ body: (inout DER.Serializer) -> Void) -> [UInt8] {
  var serializer = DER.Serializer()
  serializer.appendConstructedNode(identifier: .sequence, body)
  return serializer.serializedBytes
}

/// Reads one SEQUENCE of at most `limit` bytes, all of it.
///
/// - Throws: `.malformed` with `what`, whatever is wrong.
func decodeSequence<Value>(
  _ bytes: [UInt8],
  limit: Int,
  as what: String,
  _ body: (inout ASN1NodeCollection.Iterator) throws -> Value
) throws(AuthorityError) -> Value {
  guard bytes.count <= limit, let value = try? DER.sequence(DER.parse(bytes), identifier: .sequence, body) else {
    throw .malformed(what)
  }
  return value
}

/// A part that is not what it should be; `decodeSequence` says of what.
struct UnexpectedPart: Error {}

extension DER.Serializer {
  /// A UTF8String.
  mutating func put(_ text: String) {
    appendPrimitiveNode(identifier: .utf8String) { $0.append(contentsOf: text.utf8) }
  }

  /// An OCTET STRING.
  mutating func put(_ block: [UInt8]) {
    appendPrimitiveNode(identifier: .octetString) { $0.append(contentsOf: block) }
  }

  /// An INTEGER: two's complement, without bytes that only repeat the sign.
  mutating func put(_ number: Int64) {
    let bytes = withUnsafeBytes(of: number.bigEndian) { Array($0) }
    let extra = zip(bytes, bytes.dropFirst()).prefix { $0 == ($1 < 0x80 ? 0 : 0xff) }.count
    appendPrimitiveNode(identifier: .integer) { $0.append(contentsOf: bytes.dropFirst(extra)) }
  }

  /// A SEQUENCE OF, of what `body` puts for each element.
  mutating func put<Element>(each elements: [Element], _ body: (inout DER.Serializer, Element) -> Void) {
    appendConstructedNode(identifier: .sequence) { serializer in
      for element in elements { body(&serializer, element) }
    }
  }
}

extension ASN1NodeCollection.Iterator {
  /// Whether nothing follows: what was written before a part was known ends earlier.
  var isAtEnd: Bool {
    var rest = self
    return rest.next() == nil
  }

  mutating func text(limit: Int) throws -> String {
    guard let node = next(), node.identifier == .utf8String, case .primitive(let bytes) = node.content,
      bytes.count <= limit, let text = String(validating: bytes, as: UTF8.self)
    else { throw UnexpectedPart() }
    return text
  }

  mutating func block(limit: Int) throws -> [UInt8] {
    guard let node = next(), node.identifier == .octetString, case .primitive(let bytes) = node.content,
      bytes.count <= limit
    else { throw UnexpectedPart() }
    return Array(bytes)
  }

  mutating func block(exactly count: Int) throws -> [UInt8] {
    let block = try block(limit: count)
    guard block.count == count else { throw UnexpectedPart() }
    return block
  }

  mutating func number() throws -> Int64 { try Int64(derEncoded: &self) }

  /// A number that is not negative.
  mutating func count() throws -> Int64 {
    let number = try number()
    guard number >= 0 else { throw UnexpectedPart() }
    return number
  }

  /// The elements of a SEQUENCE OF, at most `limit`.
  mutating func each<Element>(
    limit: Int,
    _ body: (inout ASN1NodeCollection.Iterator) throws -> Element
  ) throws -> [Element] {
    guard let node = next() else { throw UnexpectedPart() }
    return try DER.sequence(node, identifier: .sequence) { nodes in
      var elements: [Element] = []
      var rest = nodes
      while rest.next() != nil {
        guard elements.count < limit else { throw UnexpectedPart() }
        elements.append(try body(&nodes))
        rest = nodes
      }
      return elements
    }
  }

  /// The parts of an inner SEQUENCE.
  mutating func inner<Value>(_ body: (inout ASN1NodeCollection.Iterator) throws -> Value) throws -> Value {
    guard let node = next() else { throw UnexpectedPart() }
    return try DER.sequence(node, identifier: .sequence, body)
  }
}
