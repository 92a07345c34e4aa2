internal import FoundationEssentials

extension Snapshot {
  /// The snapshot as JSON text for people and proxies: sorted keys, so equal snapshots are equal bytes. One
  /// that `decode` would refuse for its size is refused here.
  public func encode() throws(SnapshotError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let bytes: [UInt8]
    do {
      bytes = try [UInt8](encoder.encode(Document(self))) + [UInt8(ascii: "\n")]
    } catch {
      throw SnapshotError("", "cannot be written as JSON: \(error)")
    }
    guard bytes.count <= SnapshotLimits.maxFileBytes else { throw SnapshotError.tooLarge(bytes.count) }
    return bytes
  }

  /// Reads what `encode` wrote. Anything else is refused whole: bytes that are not JSON, keys we do not know,
  /// values of a wrong type, content beyond `SnapshotLimits` or that does not hash to its revision.
  public static func decode(_ bytes: [UInt8]) throws(SnapshotError) -> Snapshot {
    guard !bytes.isEmpty else { throw SnapshotError("", "the file is empty; `weft compile` writes it") }
    guard bytes.count <= SnapshotLimits.maxFileBytes else { throw SnapshotError.tooLarge(bytes.count) }
    let document: Document
    do {
      document = try JSONDecoder().decode(Document.self, from: Data(bytes))
    } catch let error as DecodingError {
      if case .dataCorrupted(let context) = error, context.codingPath.isEmpty {
        throw SnapshotError("", "the file is no JSON; `weft compile` writes it")
      }
      let (place, message) = error.placeAndMessage
      throw SnapshotError(place, message)
    } catch {
      throw SnapshotError("", "cannot be read: \(error)")
    }
    let snapshot = try Snapshot(policies: document.policies, mesh: document.mesh)
    guard snapshot.revision == document.revision else {
      throw SnapshotError(
        "revision",
        "\(document.revision) is not that of the content, \(snapshot.revision): compile it again"
      )
    }
    return snapshot
  }

  private struct Document: Codable {
    let formatVersion: Int
    let revision: String
    let policies: [NetworkPolicy]
    let mesh: MeshConfiguration

    enum CodingKeys: String, CodingKey, CaseIterable { case formatVersion, revision, policies, mesh }

    init(_ snapshot: Snapshot) {
      formatVersion = Snapshot.formatVersion
      revision = snapshot.revision
      policies = snapshot.policies
      mesh = snapshot.mesh
    }

    init(from decoder: any Decoder) throws {
      // The version before all else, since another version may well have other keys.
      let version = try decoder.container(keyedBy: CodingKeys.self)
      formatVersion = try version.decode(Int.self, forKey: .formatVersion)
      guard formatVersion == Snapshot.formatVersion else {
        throw DecodingError.dataCorruptedError(
          forKey: .formatVersion,
          in: version,
          debugDescription: "\(formatVersion) is not \(Snapshot.formatVersion), the version this program reads"
        )
      }
      let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
      revision = try fields.decode(String.self, forKey: .revision)
      policies = try fields.decode([NetworkPolicy].self, forKey: .policies)
      mesh = try fields.decode(MeshConfiguration.self, forKey: .mesh)
    }
  }
}

extension SnapshotError {
  fileprivate static func tooLarge(_ count: Int) -> SnapshotError {
    SnapshotError("", "\(count) bytes are more than the \(SnapshotLimits.maxFileBytes) allowed")
  }
}
