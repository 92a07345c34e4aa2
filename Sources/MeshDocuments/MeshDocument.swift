/// One document as the mesh keeps it: stored, replicated and shown as JSON, and read once.
public struct MeshDocument: Sendable {
  /// What it is known by.
  public let key: DocumentKey
  /// All that it says: keys sorted, no white space, so that equal content is equal bytes.
  public let json: [UInt8]
  /// Why it cannot be used, in one line; nil where it can. Only a document that came from another host, or from before
  /// an update, can have one.
  public let problem: String?
  /// What it says, unless there is a problem.
  let read: ReadDocument?

  /// Bytes of a document's JSON: as many as a record that is replicated may have.
  public static let maxBytes = 256 << 10

  init(key: DocumentKey, json: [UInt8], read: ReadDocument?, problem: String? = nil) {
    self.key = key
    self.json = json
    self.read = read
    self.problem = problem
  }

  /// Where its name stands in the file it was read from; nil for one that the mesh has.
  public var place: DocumentPlace? {
    guard let read, let file = read.file else { return nil }
    return DocumentPlace(file: file, line: read.nameSpot.line, column: read.nameSpot.column)
  }

  /// The same, whose file does not matter any more.
  var inMesh: MeshDocument {
    guard let read, read.file != nil else { return self }
    return MeshDocument(key: key, json: json, read: read.inMesh)
  }
}

/// A place in a file.
public struct DocumentPlace: Hashable, Sendable {
  /// The file as it was named to us.
  public let file: String
  /// Counted from 1.
  public let line: Int
  /// Counted from 1, in Unicode scalars.
  public let column: Int
}
