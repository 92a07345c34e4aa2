internal import Foundation

/// One entry of the proxy's log: the journal fields of design.md section 6 as a JSON object on one line.
public struct LogRecord: Sendable, CustomStringConvertible {
  /// Every field as text, numbers included.
  public let fields: [String: String]

  /// Parses one line; nil where it is no JSON object.
  public init?(line: some StringProtocol) {
    guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else { return nil }
    fields = object.mapValues { value in
      if let number = value as? NSNumber { return number.stringValue }
      return value as? String ?? String(describing: value)
    }
  }

  /// The field `WEFT_<name>`, else `<name>`.
  public subscript(_ name: String) -> String? { fields["WEFT_\(name)"] ?? fields[name] }

  /// Its fields in order, as KEY=VALUE.
  public var description: String {
    fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  /// Every record in `text`, in order; other lines are passed over.
  public static func all(in text: String) -> [LogRecord] {
    text.split(separator: "\n").compactMap { LogRecord(line: $0) }
  }
}
