public import MeshModel
public import Policy
public import Tokens

/// All that one snapshot says of one workload's requests, to tell a person what would become of one. Nothing is sent, and
/// nothing changes: rate limits do not count what is only asked about.
public struct RequestJudge: Sendable {
  let policy: PolicyTable
  let table: RequestTable
  let authorization: AuthorizationTable
  let tokens: TokenVerifier
  private let allowance: (@Sendable (_ limit: Int, _ client: IPAddress?) -> UInt32)?
  /// Nil where nobody who connects is asked for an identity.
  let peerRules: PeerRules?
  /// From when on one is asked for where no document says so, in seconds since 1970.
  let asksFrom_s: Int64

  /// By tables that are in force already. `allowance` says how many requests one of `table.rateLimits` has left, for a client
  /// where each has its own; nil where nothing is in force that would know.
  public init(
    policy: PolicyTable,
    table: RequestTable,
    authorization: AuthorizationTable,
    tokens: TokenVerifier?,
    peerRules: PeerRules? = nil,
    asksFrom_s: Int64 = 0,
    allowance: (@Sendable (_ limit: Int, _ client: IPAddress?) -> UInt32)? = nil
  ) {
    self.policy = policy
    self.table = table
    self.authorization = authorization
    self.tokens = tokens ?? TokenVerifier([], for: table.workload)
    self.peerRules = peerRules
    self.asksFrom_s = asksFrom_s
    self.allowance = allowance
  }

  /// Requests that a limit has left, as a clause; empty where that is not known.
  func left(ofLimit limit: Int, for client: IPAddress?) -> String {
    allowance.map { ", \($0(limit, client)) left now" } ?? ""
  }

  /// By documents that no proxy need have.
  public init(_ snapshot: Snapshot, for workload: Workload) {
    self.init(
      policy: PolicyTable(snapshot, for: workload),
      table: RequestTable(snapshot.mesh, for: workload),
      authorization: AuthorizationTable(snapshot.mesh.authorizations, for: workload),
      tokens: TokenVerifier(snapshot.mesh.authentications, for: workload),
      peerRules: PeerRules(snapshot.mesh.peerAuthentications, for: workload)
    )
  }

  /// A request of the workload's own: where it goes, and what NetworkPolicies say of everyone it may go to.
  public func explain(outbound request: ImaginedRequest) -> RequestExplanation {
    var explained = table.explain(request)
    for backend in explained.backends.indices {
      for endpoint in explained.backends[backend].endpoints.indices {
        let address = explained.backends[backend].endpoints[endpoint].address
        explained.backends[backend].endpoints[endpoint].egress = egress(address)
      }
    }
    explained.status = explained.status ?? explained.statusWithoutEndpoint
    // What is dialled is judged before anything is said on it; of a service's address, the endpoint is instead.
    if let address = request.destination ?? request.hostAddress, table.port(at: address) == nil {
      explained.connection = egress(address)
      // It is reset, and nothing is answered.
      if explained.connection?.decision == .deny { explained.status = nil }
    }
    return explained
  }

  /// What NetworkPolicies say of a connection of the workload's own.
  func egress(_ address: SocketAddress) -> VerdictDescription {
    policy.describe(policy.decide(.outbound, peer: address.ip, port: address.port, transport: .tcp))
  }
}
