internal import SwiftASN1

/// The parts of a certificate or a request: what is signed, by which algorithm, and the signature.
struct SignedParts {
  let signed: ASN1Node
  let algorithm: ASN1Node

  /// Reads DER; nil where the signature is not of whole bytes. The library drops the count of unused bits, so a signature
  /// that ends in zeros would have several encodings, and one certificate several fingerprints.
  init?(der: [UInt8]) {
    guard let root = try? DER.parse(der), case .constructed(let nodes) = root.content else { return nil }
    var parts = nodes.makeIterator()
    guard let signed = parts.next(), let algorithm = parts.next(), let signature = parts.next(),
      signature.identifier == .bitString, case .primitive(let bits) = signature.content, bits.first == 0
    else { return nil }
    self.signed = signed
    self.algorithm = algorithm
  }
}
