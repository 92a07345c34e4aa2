internal import Authority
internal import Glibc
internal import MeshModel

extension AgentSettings {
  /// Bytes of a socket's path: `sun_path` of unix(7) without its final zero.
  private static let socketPathBytes = 107

  /// What is wrong with the settings themselves, whatever the host is like.
  func check() throws(Agent.StartFailure) {
    func refuse(_ reason: String) -> Agent.StartFailure { Agent.StartFailure(description: reason, exitCode: 2) }
    do { _ = try TrustDomain(trustDomain) } catch { throw refuse("--trust-domain \(trustDomain): \(error)") }
    if let joinToken {
      do { _ = try JoinToken(joinToken) } catch { throw refuse("--join: \(error)") }
    }
    guard peerPort > 0, gossipPort > 0 else {
      throw refuse("--peer-port and --gossip-port must be ports that others can know: 0 is none")
    }
    guard !meshName.isEmpty else { throw refuse("--mesh must not be empty") }
    guard hostName?.isEmpty != true else { throw refuse("--host-name must not be empty") }
    if let hostName, !LabelSyntax.isSubdomain(hostName) {
      throw refuse("--host-name \(hostName): \(JoinMintFault.hostName)")
    }
    guard !dataDirectory.isEmpty, !runDirectory.isEmpty else {
      throw refuse("--data-dir and --run-dir must not be empty")
    }
    guard socketPath.utf8.count <= Self.socketPathBytes else {
      throw refuse(
        "\(socketPath) is \(socketPath.utf8.count) bytes, and a socket's path may have \(Self.socketPathBytes); "
          + "choose a shorter --run-dir"
      )
    }
    let ports =
      [("--peer-port", peerPort), ("--gossip-port", gossipPort)]
      + (metricsPort.map { [("--metrics-port", $0)] } ?? [])
      + Set(nameServers.map(\.port)).sorted().map { ("--dns", $0) }
    for (index, one) in ports.enumerated() {
      if let other = ports[..<index].first(where: { $0.1 == one.1 }) {
        throw refuse("\(other.0) and \(one.0) are both \(one.1); give one of them another port")
      }
    }
  }

  /// Makes the run directory where it is missing, and says why the socket cannot be put there.
  func prepareRunDirectory() throws(Agent.StartFailure) {
    guard mkdir(runDirectory, 0o755) == 0 || errno == EEXIST else {
      throw Agent.StartFailure(
        description:
          "\(runDirectory) cannot be made: \(String(cString: strerror(errno))); make it, or choose another --run-dir",
        exitCode: 1
      )
    }
    // The dot has the kernel say of a file that it is no directory, rather than that nobody may search it.
    guard access("\(runDirectory)/.", W_OK | X_OK) == 0 else {
      throw Agent.StartFailure(
        description: "\(runDirectory): \(String(cString: strerror(errno))); the agent puts its socket there: "
          + "check who owns it and its mode, or choose another --run-dir",
        exitCode: 1
      )
    }
  }
}
