/// Istio's PeerAuthentication (security.istio.io/v1): whether whoever connects to a workload must show an identity of the
/// mesh, that is, come by mutual TLS.
///
/// The most specific document that says something is followed: a port of the workload's own document, that document, the
/// namespace's, the mesh's. Where none says anything, an identity must be shown where the mesh has a proxy at both ends, and
/// need not elsewhere.
public struct PeerAuthentication: Hashable, Sendable {
  /// The namespace whose documents without a selector are the whole mesh's, as Istio has it.
  public static let rootNamespace = "istio-system"

  /// `mtls.mode`. UNSET is no mode: a document that says it says nothing.
  public enum Mode: String, Hashable, Sendable, BitwiseCopyable, CaseIterable {
    /// Nobody without an identity.
    case strict = "STRICT"
    /// With an identity or without.
    case permissive = "PERMISSIVE"
    /// Nobody is asked for an identity. Who shows one is let in all the same: to refuse it would protect nobody.
    case disable = "DISABLE"

    /// Whether it lets in who shows no identity.
    public var isException: Bool { self != .strict }
  }

  /// What holds at one port.
  public struct Port: Hashable, Sendable {
    /// The port that the program listens on.
    public var port: UInt16
    /// What holds there; nil: what holds for the workload.
    public var mode: Mode?

    /// A port.
    public init(_ port: UInt16, _ mode: Mode?) {
      self.port = port
      self.mode = mode
    }
  }

  /// The namespace whose workloads it is for; of the root namespace it is for all.
  public var namespace: String
  /// Its name, unique within the namespace.
  public var name: String
  /// The workloads of the namespace it applies to; one with a selector wins over one without.
  public var selector: LabelSelector
  /// What holds for the workloads; nil: what the next less specific document says.
  public var mode: Mode?
  /// What holds at single ports, by their numbers, each once. Only where there is a selector.
  public var ports: [Port]
  /// When its exceptions end, in seconds since 1970: PERMISSIVE and DISABLE say nothing from then on, and STRICT stays. Nil:
  /// never (annotation `weft.mesh/expires`).
  public var expires_s: Int64?
  /// When it was made, in seconds since 1970: of two that select a workload the older one is followed. 0: not said, which
  /// counts as oldest.
  public var created_s: Int64

  /// A document; by default it says nothing.
  public init(
    namespace: String,
    name: String,
    selector: LabelSelector = LabelSelector(),
    mode: Mode? = nil,
    ports: [Port] = [],
    expires_s: Int64? = nil,
    created_s: Int64 = 0
  ) {
    self.namespace = namespace
    self.name = name
    self.selector = selector
    self.mode = mode
    self.ports = ports
    self.expires_s = expires_s
    self.created_s = created_s
  }

  /// `namespace/name`.
  public var fullName: String { "\(namespace)/\(name)" }

  /// How far a document reaches, the narrowest first.
  public enum Reach: UInt8, Hashable, Sendable, Comparable {
    case workload, namespace, mesh

    /// The narrower one first.
    public static func < (left: Reach, right: Reach) -> Bool { left.rawValue < right.rawValue }
  }

  /// How far it reaches.
  public var reach: Reach {
    if !selector.isEverything { return .workload }
    return namespace == Self.rootNamespace ? .mesh : .namespace
  }

  /// Whether the document applies to `workload` at all.
  public func selects(_ workload: Workload) -> Bool {
    reach == .mesh || namespace == workload.namespace && selector.selects(workload.labels)
  }

  /// Whether it lets in somebody without an identity somewhere.
  public var hasException: Bool { mode?.isException == true || ports.contains { $0.mode?.isException == true } }
}
