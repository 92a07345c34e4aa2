internal import ArgumentParser

/// `15006`, or a range such as `15100-15109`.
struct PortSpan: CustomStringConvertible {
  /// More listeners than this a family and worker gain nothing.
  static let most = 16
  let ports: ClosedRange<UInt16>

  init(ports: ClosedRange<UInt16>) { self.ports = ports }

  /// Reads the option's value.
  init(parsing text: String) throws {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
    guard (1...2).contains(ends.count), let first = ends[0], first > 0, let last = ends[ends.count - 1],
      first <= last, Int(last) - Int(first) < Self.most
    else { throw ValidationError("a port from 1 to 65535, or a range of up to \(Self.most) such as 15100-15109") }
    ports = first...last
  }

  var description: String {
    ports.lowerBound == ports.upperBound ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
  }
}
