internal import MeshModel

/// Ports of services by names that are none of the mesh's: those that TLS clients ask for (RFC 6066 section 3), or those that
/// requests name.
///
/// Names are kept in order and searched by halves: a peer that chooses names can make nothing of them collide.
struct ServerNameTable: Sendable {
  private struct Entry: BitwiseCopyable {
    /// Where its name stands in `store`; of `*.example.com` it is `.example.com`.
    let start: UInt32
    let count: UInt16
    let port: UInt16
    /// Index of the service's port.
    let index: UInt32
  }

  private var whole: [Entry] = []
  private var wild: [Entry] = []
  /// Names, lower case, one after the other.
  private var store: [UInt8] = []

  /// Those of the ports on which TLS is spoken, or of those on which requests may come. Of two services with one name and
  /// port the workload's own namespace's counts, then the first by name.
  init(_ ports: [ServicePort], _ services: [Service], own: String, ofTLS: Bool) {
    var found: [(name: [UInt8], port: UInt16, index: Int, isWild: Bool)] = []
    for (index, port) in ports.enumerated() where ofTLS ? port.appProtocol == .tls : port.appProtocol.maySpeakHTTP {
      for host in services[Int(port.serviceIndex)].hosts {
        let isWild = host.hasPrefix("*.")
        let name = Array((isWild ? host.dropFirst() : host[...]).utf8)
        found.append((name, port.port, index, isWild))
      }
    }
    func rank(_ index: Int) -> (Int, String) { (ports[index].namespace == own ? 0 : 1, ports[index].fullName) }
    found.sort { left, right in
      if left.name != right.name { return left.name.lexicographicallyPrecedes(right.name) }
      return left.port != right.port ? left.port < right.port : rank(left.index) < rank(right.index)
    }
    fill(found)
  }

  /// What stands for the port of names that are of one.
  static let anyPort: UInt16 = 0

  /// Numbers by names, perhaps with `*.` before; of several of one name the first counts.
  init(_ names: [(name: String, index: Int)]) {
    var seen: Set<String> = []
    var found: [(name: [UInt8], port: UInt16, index: Int, isWild: Bool)] = []
    for (name, index) in names where seen.insert(name).inserted {
      let isWild = name.hasPrefix("*.")
      found.append((Array((isWild ? name.dropFirst() : name[...]).utf8), Self.anyPort, index, isWild))
    }
    found.sort { $0.name.lexicographicallyPrecedes($1.name) }
    fill(found)
  }

  /// Takes names in order.
  private mutating func fill(_ found: [(name: [UInt8], port: UInt16, index: Int, isWild: Bool)]) {
    for one in found {
      let start = store.count
      store += one.name
      let entry = Entry(
        start: UInt32(start),
        count: UInt16(one.name.count),
        port: one.port,
        index: UInt32(one.index)
      )
      if one.isWild { wild.append(entry) } else { whole.append(entry) }
    }
  }

  /// The port of a name as it came, in any case, perhaps with a dot at its end, and the port dialled: by the whole name, else
  /// by the longest `*.` that holds it. It neither allocates nor locks.
  func index(_ name: UnsafeRawBufferPointer, _ port: UInt16) -> Int? {
    guard !whole.isEmpty || !wild.isEmpty else { return nil }
    let name = name.last == UInt8(ascii: ".") ? UnsafeRawBufferPointer(rebasing: name.dropLast()) : name
    return store.withUnsafeBytes { store in
      if let index = Self.search(whole, name, port, store) { return index }
      guard !wild.isEmpty else { return nil }
      // The first label is what the star stands for, or the first labels: each dot begins a shorter name.
      for start in name.indices where start > 0 && name[start] == UInt8(ascii: ".") {
        if let index = Self.search(wild, UnsafeRawBufferPointer(rebasing: name[start...]), port, store) { return index }
      }
      return nil
    }
  }

  private static func search(
    _ entries: [Entry],
    _ name: UnsafeRawBufferPointer,
    _ port: UInt16,
    _ store: UnsafeRawBufferPointer
  ) -> Int? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      let order = compare(entries[middle], name, store)
      if order < 0 || order == 0 && entries[middle].port < port { low = middle + 1 } else { high = middle }
    }
    guard low < entries.count, entries[low].port == port, compare(entries[low], name, store) == 0 else { return nil }
    return Int(entries[low].index)
  }

  /// Below 0 where the entry's name comes before, 0 where it is the same in any case.
  private static func compare(_ entry: Entry, _ name: UnsafeRawBufferPointer, _ store: UnsafeRawBufferPointer) -> Int {
    let count = Int(entry.count)
    for place in 0..<min(count, name.count) {
      let (own, other) = (store[Int(entry.start) + place], name[place].lowercasedASCII)
      if own != other { return own < other ? -1 : 1 }
    }
    return count - name.count
  }
}

extension Service.AppProtocol {
  /// Whether requests may be seen on such a port.
  var maySpeakHTTP: Bool {
    switch self {
    case .unspecified, .http, .http2, .grpc: true
    case .tls, .tcp: false
    }
  }
}
