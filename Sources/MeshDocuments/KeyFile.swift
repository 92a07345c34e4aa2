internal import Foundation

/// Reads the file that `jwksUri` names, when documents are compiled: a proxy asks nobody for keys.
enum KeyFile {
  /// A hundred keys of the largest size are a tenth of it.
  private static let maxBytes = 1 << 20
  private static let scheme = "file://"

  /// The file's bytes; nil after an error.
  static func read(_ uri: String, _ field: Field) -> [UInt8]? {
    guard uri.hasPrefix("\(scheme)/") else {
      field.error("\"\(uri)\" is not supported: nothing is fetched; write file:///path/to/keys.json, or jwks")
      return nil
    }
    let path = String(uri.dropFirst(scheme.count))
    guard path.utf8.allSatisfy({ $0 > 0x20 && !"%?#".utf8.contains($0) }) else {
      field.error("\"\(uri)\" holds a space or one of %?#, which a path here cannot have")
      return nil
    }
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    // Pipes and devices could block us or have no end; files under /proc look regular and may do both.
    let kind = (try? FileManager.default.attributesOfItem(atPath: target))?[.type] as? FileAttributeType
    guard let kind else {
      field.error("there is no file \(path)")
      return nil
    }
    guard kind == .typeRegular, !["/proc/", "/sys/"].contains(where: { target.hasPrefix($0) }) else {
      field.error("\(path) is not a regular file")
      return nil
    }
    guard let handle = FileHandle(forReadingAtPath: target), let data = try? handle.read(upToCount: maxBytes + 1) else {
      field.error("\(path) cannot be read")
      return nil
    }
    guard data.count <= maxBytes else {
      field.error("\(path) has more than the \(maxBytes) bytes allowed")
      return nil
    }
    return [UInt8](data)
  }
}
