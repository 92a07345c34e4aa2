internal import MeshModel

/// Finds service ports by the names that programs use.
///
/// Only a service's own name and its namespace are held and hashed, each once: that `web`, `web.shop`, `web.shop.svc`,
/// `web.shop.svc.cluster.local` and `web.shop.mesh` are the same is a matter of taking the name apart.
struct NameTable: Sendable {
  /// Where the parts of a port's name stand in `bytes`.
  private struct Entry: BitwiseCopyable {
    let name: UInt32
    let namespace: UInt32
    let nameCount: UInt8
    let namespaceCount: UInt8
    let port: UInt16
  }

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  private var slots: SlotTable<UInt32>
  private let hash: KeyHash
  /// The workload's namespace, which a name without one means.
  private let ownNamespace: [UInt8]

  /// The longest label, and so the longest part of a name that can be known (RFC 1035 section 2.3.4).
  private static let maxLabelBytes = 63

  /// The names of `ports`, found later by their indices.
  init(_ ports: [ServicePort], own namespace: String, _ hash: KeyHash) {
    self.hash = hash
    self.ownNamespace = Array(namespace.utf8)
    self.slots = SlotTable(capacity: ports.count)
    entries.reserveCapacity(ports.count)
    bytes.reserveCapacity(ports.reduce(0) { $0 + $1.service.utf8.count })
    var namespaces: [String: UInt32] = [:]
    var last: (service: UInt32, name: UInt32)?
    for port in ports {
      let name = last.flatMap { $0.service == port.serviceIndex ? $0.name : nil } ?? append(port.service)
      last = (port.serviceIndex, name)
      let namespace = namespaces[port.namespace] ?? append(port.namespace)
      namespaces[port.namespace] = namespace
      add(
        Entry(
          name: name,
          namespace: namespace,
          // A longer name than a label's is never asked for; 255 stands for all of them.
          nameCount: UInt8(clamping: port.service.utf8.count),
          namespaceCount: UInt8(clamping: port.namespace.utf8.count),
          port: port.port
        )
      )
    }
  }

  private mutating func append(_ text: String) -> UInt32 {
    defer { bytes.append(contentsOf: text.utf8) }
    return UInt32(bytes.count)
  }

  private mutating func add(_ entry: Entry) {
    let index = UInt32(entries.count)
    entries.append(entry)
    guard entry.nameCount <= Self.maxLabelBytes, entry.namespaceCount <= Self.maxLabelBytes else { return }
    bytes.withUnsafeBytes { bytes in
      let name = Self.part(bytes, entry.name, entry.nameCount)
      let namespace = Self.part(bytes, entry.namespace, entry.namespaceCount)
      slots.insert(key(name, namespace, entry.port), index) {
        Self.matches(entries[Int($0)], bytes, name, namespace, entry.port)
      }
    }
  }

  /// The index of the port that `host` (any case, a trailing dot allowed) names with `port`; nil where the mesh knows none.
  @inline(__always)
  func index(_ host: UnsafeRawBufferPointer, _ port: UInt16) -> Int? {
    guard let name = MeshName(host) else { return nil }
    return ownNamespace.withUnsafeBytes { own in
      bytes.withUnsafeBytes { bytes in
        entries.withUnsafeBufferPointer { entries in
          let namespace = name.namespace ?? own
          let found = slots.first(key(name.service, namespace, port)) {
            Self.matches(entries[Int($0)], bytes, name.service, namespace, port)
          }
          return found.map(Int.init)
        }
      }
    }
  }

  /// The index of a port by the parts of its name, as documents give them.
  func index(namespace: String, service: String, port: UInt16) -> Int? {
    var service = service
    var namespace = namespace
    return service.withUTF8 { service in
      namespace.withUTF8 { namespace in
        let name = UnsafeRawBufferPointer(service)
        let space = UnsafeRawBufferPointer(namespace)
        return bytes.withUnsafeBytes { bytes in
          slots.first(key(name, space, port)) { Self.matches(entries[Int($0)], bytes, name, space, port) }.map(Int.init)
        }
      }
    }
  }

  @inline(__always)
  private func key(_ name: UnsafeRawBufferPointer, _ namespace: UnsafeRawBufferPointer, _ port: UInt16) -> UInt64 {
    KeyHash.hash(KeyHash.hash(hash.seed ^ UInt64(port), name), namespace)
  }

  @inline(__always)
  private static func matches(
    _ entry: Entry,
    _ bytes: UnsafeRawBufferPointer,
    _ name: UnsafeRawBufferPointer,
    _ namespace: UnsafeRawBufferPointer,
    _ port: UInt16
  ) -> Bool {
    entry.port == port && CaseFolding.isEqual(name, part(bytes, entry.name, entry.nameCount))
      && CaseFolding.isEqual(namespace, part(bytes, entry.namespace, entry.namespaceCount))
  }

  @inline(__always)
  private static func part(_ bytes: UnsafeRawBufferPointer, _ start: UInt32, _ count: UInt8) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[Int(start)..<Int(start) + Int(count)])
  }
}

/// A host name taken apart as the mesh's names are made: service, perhaps namespace, perhaps one of the known endings.
package struct MeshName {
  /// The label of the service.
  package let service: UnsafeRawBufferPointer
  /// Nil where the name has only one label, which means the workload's own namespace.
  package let namespace: UnsafeRawBufferPointer?

  /// Longest name that can be taken apart: two labels, the dots and the longest ending.
  private static let maxBytes = 63 + 1 + 63 + 18 + 1

  /// Nil for what is no name of a mesh, such as `www.example.com` or an IPv4 address.
  @inline(__always)
  package init?(_ host: UnsafeRawBufferPointer) {
    guard let start = host.baseAddress, host.count <= Self.maxBytes else { return nil }
    var count = host.count
    if count > 1, host[count &- 1] == UInt8(ascii: ".") { count &-= 1 }
    let first = Self.dot(start, 0, count)
    guard first > 0 else { return nil }
    service = UnsafeRawBufferPointer(start: start, count: first)
    guard first < count else {
      namespace = nil
      return
    }
    let second = Self.dot(start, first &+ 1, count)
    guard second > first &+ 1 else { return nil }
    namespace = UnsafeRawBufferPointer(start: start + first + 1, count: second &- first &- 1)
    guard second < count else { return }
    let ending = UnsafeRawBufferPointer(start: start + second + 1, count: count &- second &- 1)
    switch ending.count {
    case 3: guard CaseFolding.isEqual(ending, "svc") else { return nil }
    case 4: guard CaseFolding.isEqual(ending, "mesh") else { return nil }
    case 17: guard CaseFolding.isEqual(ending, "svc.cluster.local") else { return nil }
    default: return nil
    }
  }

  /// The place of the first dot from `from` on; `end` where there is none.
  @inline(__always)
  private static func dot(_ start: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int {
    var at = from
    while at < end, start.load(fromByteOffset: at, as: UInt8.self) != UInt8(ascii: ".") { at &+= 1 }
    return at
  }
}
