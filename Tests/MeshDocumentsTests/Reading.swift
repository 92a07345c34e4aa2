import MeshDocuments

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
