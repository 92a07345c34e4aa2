import AgentLink
import ArgumentParser
import Glibc
import MeshAPI

/// `weft identity fetch`: a workload's certificate, key and bundle as files, for programs that cannot ask the agent.
struct IdentityFetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Writes the caller's own certificate, key and roots to files, once or whenever they change.",
    discussion: """
      Asks the SPIFFE Workload API as the user that runs it: weft identity register --selector unix:uid:UID says whose the \
      identity is. DIR gets svid.pem, svid_key.pem and svid_bundle.pem, links that always lead to files of one renewal.
      """
  )

  @OptionGroup var agent: AgentOptions

  @Option(help: ArgumentHelp("Where to; made where it is not there.", valueName: "directory"))
  var out: String

  @Option(
    name: .customLong("spiffe-id"),
    help: ArgumentHelp("Which one, where the caller has several; by default the first.", valueName: "id")
  )
  var spiffeID: String?

  @Flag(help: "Goes on, and writes what is renewed, until it is ended.")
  var follow = false

  private static let method = GRPCMethod(service: "SpiffeWorkloadAPI", name: "FetchX509SVID")
  /// Without it an agent refuses (SPIFFE Workload Endpoint section 3).
  private static let header = (name: "workload.spiffe.io", value: "true")
  /// Milliseconds until the agent has said something. Renewals come when they come: a day without any is usual.
  private static let firstAnswer_ms = AgentClient.timeout_ms
  private static let renewal_ms: UInt64 = 365 * 86_400_000

  func run() throws {
    let files = try IdentityFiles(directory: out)
    do {
      var client = try AgentClient(path: agent.calls.path)
      try client.open(Self.method, X509SVIDRequest(), timeout_ms: Self.firstAnswer_ms, metadata: [Self.header])
      while let response = try client.next(as: X509SVIDResponse.self) {
        try write(response, files)
        guard follow else { return }
        client.awaitNext(timeout_ms: Self.renewal_ms)
      }
    } catch let error as AgentCallError {
      throw CommandFailure(AgentCalls.exitCode(error), error.description)
    }
    throw CommandFailure(CommandFailure.failed, "the agent ended the stream; what was written stays as it is")
  }

  private func write(_ response: X509SVIDResponse, _ files: IdentityFiles) throws(CommandFailure) {
    let svid = spiffeID.map { wanted in response.svids.first { $0.spiffeID == wanted } } ?? response.svids.first
    guard let svid else {
      let given = response.svids.map(\.spiffeID).joined(separator: ", ")
      throw CommandFailure(
        CommandFailure.failed,
        "the agent does not give \(spiffeID ?? "an identity") to this caller, but \(given.isEmpty ? "none" : given)"
      )
    }
    try files.write(
      chain: [UInt8](svid.x509Svid),
      key: [UInt8](svid.x509SvidKey),
      bundle: [UInt8](svid.bundle)
    )
    print("\(Printable.text(svid.spiffeID)) is in \(files.directory)")
    fflush(nil)
  }
}
