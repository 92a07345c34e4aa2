extension SPIFFEID {
  /// A workload, as Istio and Linkerd name them: `spiffe://<trust domain>/ns/<namespace>/sa/<service account>`.
  public static func workload(
    _ trustDomain: TrustDomain,
    namespace: String,
    serviceAccount: String
  ) throws(SPIFFEIDError) -> SPIFFEID {
    try Self(trustDomain, segments: ["ns", namespace, "sa", serviceAccount])
  }

  /// A host's agent: `spiffe://<trust domain>/weft/host/<name>`.
  public static func host(_ trustDomain: TrustDomain, name: String) throws(SPIFFEIDError) -> SPIFFEID {
    try Self(trustDomain, segments: ["weft", "host", name])
  }

  /// The namespace and the service account, where it is a workload's.
  public var workload: (namespace: String, serviceAccount: String)? {
    let segments = segments
    guard segments.count == 4, segments[0] == "ns", segments[2] == "sa" else { return nil }
    return (segments[1], segments[3])
  }

  /// The name of the host, where it is an agent's.
  public var hostName: String? {
    let segments = segments
    guard segments.count == 3, segments[0] == "weft", segments[1] == "host" else { return nil }
    return segments[2]
  }

  private var segments: [String] { path.split(separator: "/").map(String.init) }

  /// Each of `segments` becomes one segment: a name with a slash in it is refused, lest it adds one of its own choice.
  private init(_ trustDomain: TrustDomain, segments: [String]) throws(SPIFFEIDError) {
    for segment in segments where segment.utf8.contains(UInt8(ascii: "/")) {
      throw .invalidPath(byte: UInt8(ascii: "/"))
    }
    try self.init(trustDomain: trustDomain, path: segments.map { "/" + $0 }.joined())
  }
}
