import MeshDocuments
import Testing

/// Reads one document from its text.
func read(_ text: String) -> DocumentReading {
  PolicyDocuments.read([DocumentSource(name: "p.yaml", bytes: Array(text.utf8))])
}

/// The issues of one document, as users see them.
func issues(_ text: String) -> [String] { read(text).issues.map(\.description) }

/// A policy called default/p with this under `spec`, which starts on line 4.
func policy(_ spec: String) -> String {
  """
  apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: p}
  \(spec)
  """
}

/// A document of any kind called default/p, with this from line 4 on. A slice belongs to the service web.
func document(_ kind: String, _ body: String) -> String {
  let versions = [
    "Service": "v1", "EndpointSlice": "discovery.k8s.io/v1", "HTTPRoute": "gateway.networking.k8s.io/v1",
    "GRPCRoute": "gateway.networking.k8s.io/v1",
    "AuthorizationPolicy": "security.istio.io/v1", "RequestAuthentication": "security.istio.io/v1",
    "PeerAuthentication": "security.istio.io/v1",
    "BackendTrafficPolicy": "gateway.envoyproxy.io/v1alpha1", "Telemetry": "telemetry.istio.io/v1",
    "Sidecar": "networking.istio.io/v1", "ServiceEntry": "networking.istio.io/v1",
    "WorkloadEntry": "networking.istio.io/v1", "DestinationRule": "networking.istio.io/v1",
  ]
  let labels = kind == "EndpointSlice" ? ", labels: {kubernetes.io/service-name: web}" : ""
  return """
    apiVersion: \(versions[kind] ?? "")
    kind: \(kind)
    metadata: {name: p\(labels)}
    \(body)
    """
}

/// Expects that nothing comes of a document but these errors.
func expectRefused(
  _ kind: String,
  _ body: String,
  for errors: [String],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let reading = read(document(kind, body))
  #expect(reading.issues.map(\.description) == errors, sourceLocation: sourceLocation)
  #expect(reading.snapshot == nil, sourceLocation: sourceLocation)
}

/// Expects a document to be taken, with these warnings.
func expectTaken(
  _ kind: String,
  _ body: String,
  with warnings: [String],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let reading = read(document(kind, body))
  #expect(reading.issues.map(\.description) == warnings, sourceLocation: sourceLocation)
  #expect(reading.snapshot != nil, sourceLocation: sourceLocation)
}

extension DocumentSet {
  /// The set after a change; nil where it is refused.
  func with(_ change: DocumentChange) -> DocumentSet? {
    guard !change.isRefused else { return nil }
    var set = self
    set.take(change)
    return set
  }

  /// The set with these documents; nil where they are refused.
  func with(_ documents: [MeshDocument]) -> DocumentSet? { with(applying(documents)) }

  /// The set after what other hosts wrote and deleted.
  func replicating(_ documents: [MeshDocument], deleting keys: [DocumentKey] = []) -> DocumentSet {
    var set = self
    set.replicate(documents, deleting: keys)
    return set
  }
}
