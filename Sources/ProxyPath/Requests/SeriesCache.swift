internal import MeshModel
internal import Policy
internal import Telemetry

/// The series numbers a worker has asked for lately, so that counting a request hashes no text.
final class SeriesCache {
  private let registry: RequestSeriesRegistry
  /// Places: a power of two beyond the services and routes that a pod usually deals with.
  private let numbers = NumberTable(bits: 9)

  init(_ registry: RequestSeriesRegistry) { self.registry = registry }

  /// A new table numbers ports and rules anew.
  func forget() { numbers.forget() }

  /// The series of a request; `table` is the one in force, to which its numbers refer.
  @inline(__always)
  func number(_ direction: Direction, port: Int32, rule: Int32, _ table: RequestTable?) -> Int {
    // Indices are counted from 1 here, so that the direction's bit and an empty entry stay apart from all of them.
    let indices = UInt64(UInt32(bitPattern: port &+ 1)) << 32 | UInt64(UInt32(bitPattern: rule &+ 1))
    let key = indices | (direction == .inbound ? 1 << 63 : 0)
    let place = numbers.place(of: key)
    return place.pointee.key == key ? Int(place.pointee.number) : ask(place, key, direction, port, rule, table)
  }

  private func ask(
    _ place: UnsafeMutablePointer<NumberTable.Entry>,
    _ key: UInt64,
    _ direction: Direction,
    _ port: Int32,
    _ rule: Int32,
    _ table: RequestTable?
  ) -> Int {
    let number = number(of: direction, port: port, rule: rule, inOlder: table)
    // Without the table nothing was named: another request with these numbers may well be.
    if table != nil { place.pointee = NumberTable.Entry(key: key, number: Int32(truncatingIfNeeded: number)) }
    return number
  }

  /// The series of a request that began under a table which is not in force any more: its numbers mean something else
  /// here, so nothing is looked up or kept.
  func number(of direction: Direction, port: Int32, rule: Int32, inOlder table: RequestTable?) -> Int {
    let service = port >= 0 ? table?.ports[Int(port)].fullName : nil
    let route = rule >= 0 ? table?.rules[Int(rule)].label : nil
    return registry.number(direction: direction, service: service ?? "unknown", route: route ?? "")
  }
}
