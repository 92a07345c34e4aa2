internal import MeshModel
internal import Registry
internal import Replication

/// Namespace and name.
struct ServiceKey: Hashable, Sendable, Comparable {
  let namespace: String
  let name: String

  var record: RecordKey { InstanceRecord.key(namespace: namespace, name: name) }

  static func < (left: Self, right: Self) -> Bool { (left.namespace, left.name) < (right.namespace, right.name) }
}

/// A service as proxies and names are told of it, and whose instances stand behind it.
struct KnownService: Sendable {
  var service: Service
  /// Registered instances, by host.
  var instances: [HostInstance]
}

/// An instance and the host that runs it.
struct HostInstance: Hashable, Sendable {
  let host: OwnerID
  let record: EndpointsRecord
}
