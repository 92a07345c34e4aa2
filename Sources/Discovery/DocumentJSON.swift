internal import FoundationEssentials
internal import MeshModel

/// Documents as the strict JSON of snapshots.
enum DocumentJSON {
  /// Sorted keys, so that equal documents are equal bytes.
  static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  /// Reads one document of `resource`. An unknown key or a value of a wrong type is an error at its place below `place`.
  static func decode<Value: Decodable>(
    _ type: Value.Type,
    _ bytes: Data,
    of resource: ResourceKey,
    _ place: @autoclosure () -> String
  ) throws(ResourceRefusal) -> Value {
    do {
      return try JSONDecoder().decode(type, from: bytes)
    } catch let error as DecodingError {
      let (inner, message) = error.placeAndMessage
      throw ResourceRefusal(resource, [place(), inner].filter { !$0.isEmpty }.joined(separator: "."), message)
    } catch {
      throw ResourceRefusal(resource, place(), "cannot be read: \(error)")
    }
  }

  /// Reads a list of documents.
  static func decode<Value: Decodable>(
    list: [Data],
    _ type: Value.Type,
    of resource: ResourceKey,
    _ place: String
  ) throws(ResourceRefusal) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(list.count)
    for (index, bytes) in list.enumerated() {
      values.append(try decode(type, bytes, of: resource, "\(place)[\(index)]"))
    }
    return values
  }

  /// Holds documents to the limits and rules of a snapshot.
  static func validate(
    policies: [NetworkPolicy] = [],
    mesh: MeshConfiguration,
    of resource: ResourceKey
  ) throws(ResourceRefusal) {
    do throws(SnapshotError) {
      _ = try Snapshot(policies: policies, mesh: mesh)
    } catch {
      throw ResourceRefusal(resource, error.place, error.message)
    }
  }
}
