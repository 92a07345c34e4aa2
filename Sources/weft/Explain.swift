// Public, since options of these types make their conformances public.
public import ArgumentParser
public import MeshModel

/// `weft explain`: what was, or would be, decided, and why?
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tells what was, or would be, decided about a connection or request and why.",
    discussion: """
      Name a live connection by its id (see weft connections), a flow by --to, a request by --request, or a client that \
      speaks TLS itself by --sni. Nothing is sent. Without -f a proxy is asked, by the policy it holds; with -f the documents are, for the workload of \
      --namespace and --labels. A request or TLS client that would be refused ends with exit code 1.
      """
  )

  @Argument(help: ArgumentHelp("A live connection.", valueName: "connection id"))
  var connection: String?

  @Option(help: ArgumentHelp("A request, such as 'GET http://web/cart?item=7'.", valueName: "method url"))
  var request: RequestLine?

  @Option(help: ArgumentHelp("A header field of the request; repeatable.", valueName: "name: value"))
  var header: [String] = []

  @Option(help: ArgumentHelp("The name in the hello of a client that speaks TLS itself.", valueName: "name[:port]"))
  var sni: String?

  @Option(help: ArgumentHelp("Who is dialled.", valueName: "address:port"))
  var to: SocketAddress?

  @Option(help: ArgumentHelp("Who dials; needed for inbound flows.", valueName: "address[:port]"))
  var from: Peer?

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("The identity that who dials shows by mutual TLS; without it, none.", valueName: "spiffe://...")
  )
  var identity: ShownIdentity?

  @Option(help: ArgumentHelp("Seen from the workload: inbound or outbound.", valueName: "direction"))
  var direction: Direction = .outbound

  @OptionGroup var options: ProxyOptions
  @OptionGroup var offline: WorkloadDocuments
  @OptionGroup var format: OutputOptions

  func validate() throws {
    if identity != nil {
      guard direction == .inbound else { throw ValidationError("--as is who dials: it goes with --direction inbound") }
      guard request != nil || !offline.files.isEmpty else {
        throw ValidationError("--as goes with --request, or with -f: a proxy tells of a flow without it")
      }
    }
    guard try serverNameQuestion() == nil else { return }
    guard request == nil else {
      guard connection == nil else { throw ValidationError("name either a connection or --request, not both") }
      _ = try question()
      return
    }
    guard header.isEmpty else { throw ValidationError("--header belongs to --request") }
    switch (connection, to) {
    case (nil, nil):
      throw ValidationError(
        "name a connection by its id, a flow by --to ADDRESS:PORT, a request by --request, or a TLS client by --sni"
      )
    case (.some, .some): throw ValidationError("name either a connection or --to, not both")
    case (let id?, nil):
      guard AdminRequest.isConnectionID(id) else { throw ValidationError("\"\(id)\" is not a connection id") }
      guard offline.files.isEmpty else { throw ValidationError("-f explains a flow; name it by --to") }
    case (nil, let to?):
      guard to.port > 0 else { throw ValidationError("--to \(to) needs a port from 1 to 65535") }
      guard direction == .outbound || from != nil else {
        throw ValidationError("--direction inbound needs --from: who dials the workload?")
      }
    }
  }

  /// What `--request` asks; nil without it.
  private func question() throws -> RequestQuestion? {
    guard let request else { return nil }
    if let to, to.port == 0 { throw ValidationError("--to \(to) needs a port from 1 to 65535") }
    let question = RequestQuestion(
      direction,
      try request.request(headers: header, to: to),
      source: from?.ip,
      identity: identity?.id
    )
    if question.problem != nil {
      throw ValidationError("--direction inbound needs --from ADDRESS and --to ADDRESS:PORT of the workload")
    }
    return question
  }

  func run() throws {
    if let question = try question() {
      try explain(question)
    } else if let question = try serverNameQuestion() {
      try explain(question)
    } else if let connection {
      let detail = try detail(connection)
      try format.output.print(detail) { style in
        ConnectionTable(lists: [ProxyConnections(proxy: "", connections: [detail.connection], isTruncated: false)])
          .text(style) + "\n" + ExplanationText(explanation: detail.explanation).text(style)
      }
    } else if let to {
      let explanation = try explanation(to)
      try format.output.print(explanation) { ExplanationText(explanation: explanation).text($0) }
    }
  }

  /// The connection, whichever of the proxies carries it.
  private func detail(_ connection: String) throws(CommandFailure) -> ConnectionDetail {
    var failures: [CommandFailure] = []
    for proxy in try options.proxies() {
      do throws(CommandFailure) {
        return try proxy.client.get(.connection(id: connection), as: ConnectionDetail.self)
      } catch {
        failures.append(error)
      }
    }
    throw CommandFailure(failures) ?? CommandFailure(CommandFailure.failed, "no proxy carries \(connection)")
  }

  private func explanation(_ to: SocketAddress) throws -> Explanation {
    guard offline.files.isEmpty else { return try offline.explain(direction, from: from?.ip, as: identity?.id, to: to) }
    return try options.single().client.get(.explain(direction, from: from?.ip, to: to), as: Explanation.self)
  }
}

/// An address with a port or without.
struct Peer: ExpressibleByArgument {
  let ip: IPAddress

  init?(argument: String) {
    guard let ip = IPAddress(argument) ?? SocketAddress(argument)?.ip else { return nil }
    self.ip = ip
  }
}

/// A SPIFFE ID, with or without `spiffe://`: policies leave that out.
struct ShownIdentity: ExpressibleByArgument {
  let id: SPIFFEID

  init?(argument: String) {
    let isWhole = argument.hasPrefix(SPIFFEID.scheme)
    guard let id = try? SPIFFEID(isWhole ? argument : SPIFFEID.scheme + argument) else { return nil }
    self.id = id
  }
}

extension Direction: ExpressibleByArgument {}
extension SocketAddress: ExpressibleByArgument {
  /// Reads an option's value.
  public init?(argument: String) { self.init(argument) }
}
