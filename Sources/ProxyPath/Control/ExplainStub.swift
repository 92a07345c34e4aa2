internal import MeshModel
internal import Policy
extension PolicyTable {
  func explain(_ d: Direction, peer: IPAddress, port: UInt16, transport: Transport) -> Explanation {
    Explanation(direction: d, transport: transport, peer: peer, port: port, workload: workload, revision: snapshot?.revision, verdict: describe(decide(d, peer: peer, port: port, transport: transport)), policies: [])
  }
}
