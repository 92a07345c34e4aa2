public import MeshModel
internal import Policy

/// What a program used to say where it wants to go, in the one form in which proxies ask for it.
///
/// A name is asked for as `service.namespace.mesh` whatever form a program used, and what cannot be a name of the mesh is
/// not asked for at all: the proxy takes names apart as its tables do.
public enum LookupKey: Hashable, Sendable {
  case host(namespace: String, service: String)
  case address(IPAddress)

  static let hostPrefix = "host/"
  static let addressPrefix = "address/"

  /// The key of a host as it came, in any case, perhaps with a dot at its end, without a port; nil for what is no name of
  /// a mesh. A name of one label is a service of `namespace`.
  public init?(host: UnsafeRawBufferPointer, in namespace: String) {
    guard let name = MeshName(host) else { return nil }
    let service = String(decoding: name.service, as: UTF8.self).lowercased()
    let space = name.namespace.map { String(decoding: $0, as: UTF8.self).lowercased() } ?? namespace
    guard LabelSyntax.isDNSLabel(service), LabelSyntax.isDNSLabel(space) else { return nil }
    self = .host(namespace: space, service: service)
  }

  /// The same for a text.
  public init?(host: String, in namespace: String) {
    var host = host
    guard let key = host.withUTF8({ LookupKey(host: UnsafeRawBufferPointer($0), in: namespace) }) else { return nil }
    self = key
  }

  /// The key of a resource's name; nil for a name that is in no normal form. A name of one label is a service of
  /// `namespace`.
  init?(name: String, in namespace: String) {
    if name.hasPrefix(Self.hostPrefix) {
      let host = String(name.dropFirst(Self.hostPrefix.utf8.count))
      // Another spelling is another name, of which no change would be told.
      guard !host.hasSuffix("."), host == host.lowercased() else { return nil }
      self.init(host: host, in: namespace)
    } else if name.hasPrefix(Self.addressPrefix) {
      let text = String(name.dropFirst(Self.addressPrefix.utf8.count))
      guard let address = IPAddress(text), address.description == text else { return nil }
      self = .address(address)
    } else {
      return nil
    }
  }

  /// The resource's name.
  public var name: String {
    switch self {
    case .host(let namespace, let service): "\(Self.hostPrefix)\(service).\(namespace).mesh"
    case .address(let address): "\(Self.addressPrefix)\(address)"
    }
  }

  /// All names under which a service can be asked for by host; the one of one label means it to workloads of its
  /// namespace.
  static func names(of service: Service) -> [String] {
    guard LabelSyntax.isDNSLabel(service.name) else { return [] }
    let name = "\(hostPrefix)\(service.name)"
    let endings = ["", ".svc", ".svc.cluster.local", ".mesh"]
    return [name] + endings.map { "\(name).\(service.namespace)\($0)" }
  }
}
