internal import Yams

/// Values as YAML for people: keys sorted, so that equal values are equal text.
public enum YAMLText {
  /// Fails only where `value` itself refuses to be encoded.
  public static func encode(_ value: some Encodable) throws -> String {
    let encoder = YAMLEncoder()
    encoder.options.sortKeys = true
    return try encoder.encode(value)
  }
}
