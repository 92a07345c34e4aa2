internal import MeshModel

/// A name that programs use for a service: `web`, `web.shop`, `web.shop.svc`, `web.shop.svc.cluster.local` or
/// `web.shop.mesh`.
struct MeshHost {
  let namespace: String
  let name: String

  /// Nil for the name of something that is no service of the mesh.
  init?(_ host: String, in namespace: String) {
    let labels = host.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let name = labels.first, labels.allSatisfy(LabelSyntax.isDNSLabel) else { return nil }
    let isName =
      labels.count <= 2 || labels[2...] == ["svc"] || labels[2...] == ["mesh"]
      || labels[2...] == ["svc", "cluster", "local"]
    guard isName else { return nil }
    self.name = name
    self.namespace = labels.count > 1 ? labels[1] : namespace
  }
}
