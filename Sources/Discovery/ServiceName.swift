internal import FoundationEssentials
internal import MeshModel
internal import SwiftProtobuf

/// Names of services as resources have them: `namespace/name`.
enum ServiceName {
  /// Whether a text is one.
  static func isRight(_ text: String) -> Bool {
    guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else { return false }
    return LabelSyntax.isDNSLabel(String(text[..<slash]))
      && LabelSyntax.isSubdomain(String(text[text.utf8.index(after: slash)...]))
  }
}

extension Message {
  /// Reads the message of a resource.
  static func read(_ bytes: Data, of resource: ResourceKey) throws(ResourceRefusal) -> Self {
    do {
      return try Self(serializedBytes: bytes)
    } catch {
      throw ResourceRefusal(resource, "", "is no \(Self.protoMessageName): \(error)")
    }
  }
}
