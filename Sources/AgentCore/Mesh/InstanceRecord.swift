internal import MeshAPI
internal import MeshModel
internal import Registry
internal import Replication
internal import SwiftProtobuf

/// One service's instances on one host, as agents replicate them: `Weft_Mesh_V1_Instances` in a bound record whose key is
/// the service.
enum InstanceRecord {
  static func key(namespace: String, name: String) -> RecordKey {
    RecordKey(kind: .endpoints, namespace: namespace, name: name)
  }

  /// The record's content; nil where the host has no instance any more.
  static func encode(_ instances: [EndpointsRecord]) throws -> [UInt8]? {
    guard !instances.isEmpty else { return nil }
    var message = Weft_Mesh_V1_Instances()
    message.instances = instances.sorted { $0.key < $1.key }.map { instance in
      var one = Weft_Mesh_V1_Instance()
      one.name = instance.key.instance
      one.ports = instance.ports.map { port in
        var encoded = Weft_Mesh_V1_Instance.Port()
        encoded.name = port.name
        encoded.port = UInt32(port.port)
        encoded.appProtocol = port.appProtocol.rawValue
        return encoded
      }
      one.addresses = instance.addresses.map { WireAddress.bytes($0) }
      one.labels = instance.labels
      one.serviceAccount = instance.serviceAccount
      one.isUnready = !instance.isReady
      one.isMeshed = instance.isMeshed
      return one
    }
    // In one order, so that what did not change is not written again.
    var options = BinaryEncodingOptions()
    options.useDeterministicOrdering = true
    return try message.serializedBytes(options: options)
  }

  /// The instances of a record that some host wrote. What is not understood is left out, and how many that were is told.
  /// Identities are those of the mesh's `domain`; hosts write accounts alone.
  static func decode(_ content: [UInt8], namespace: String, name: String, in domain: TrustDomain? = nil) throws -> (
    instances: [EndpointsRecord], left: Int
  ) {
    let message = try Weft_Mesh_V1_Instances(serializedBytes: content)
    // Instances of one account, nearly always all, share the text of their identity.
    var identities: [String: SPIFFEID] = [:]
    if let domain {
      for account in Set(message.instances.map(\.serviceAccount)) {
        identities[account] = try? SPIFFEID.workload(domain, namespace: namespace, serviceAccount: account)
      }
    }
    let instances = message.instances.compactMap { one -> EndpointsRecord? in
      let addresses = one.addresses.compactMap { WireAddress.address($0) }
      let ports = one.ports.compactMap { port -> Registration.Port? in
        guard let number = UInt16(exactly: port.port), number > 0 else { return nil }
        // A protocol of a later version is looked into like one that is not said.
        return Registration.Port(
          name: port.name,
          port: number,
          appProtocol: Service.AppProtocol(rawValue: port.appProtocol) ?? .unspecified
        )
      }
      guard addresses.count == one.addresses.count, ports.count == one.ports.count else { return nil }
      return EndpointsRecord(
        key: Registration.Key(namespace: namespace, name: name, instance: one.name),
        ports: ports,
        addresses: addresses,
        labels: one.labels,
        serviceAccount: one.serviceAccount,
        isReady: !one.isUnready,
        isMeshed: one.isMeshed,
        identity: identities[one.serviceAccount]
      )
    }
    return (instances, message.instances.count - instances.count)
  }
}
