internal import Discovery
internal import MeshModel
internal import Registry

/// Which of this host's instances have a proxy that takes the mesh's transport for them.
///
/// A proxy says at which addresses it does, and the kernel says by its process who it may be: any program can say the
/// first, so an instance counts only where the proxy may also be who the instance's account says.
extension Mesh {
  /// Instances were registered: proxies may be there already.
  func noteMeshed() {
    for stream in streams.values { noteMeshed(stream) }
  }

  func noteMeshed(_ stream: ProxyStream?) {
    guard let stream, let node = stream.server.node, node.takesMesh, !stream.identities.isEmpty, let domain else {
      return
    }
    let directives = registry.meshed(at: Set(node.addresses)) { namespace, account in
      guard let id = try? SPIFFEID.workload(domain, namespace: namespace, serviceAccount: account) else { return false }
      return stream.identities.contains(id.description)
    }
    if !directives.isEmpty { attempt(directives) }
  }
}
