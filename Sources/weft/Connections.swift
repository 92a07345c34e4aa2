import ArgumentParser
import MeshModel

/// `weft connections`: what do proxies carry now?
struct Connections: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists live connections: who, to where, by which verdict, how much, how long."
  )

  @OptionGroup var options: ProxyOptions
  @OptionGroup var format: OutputOptions

  @OptionGroup var most: LimitOption

  func run() throws {
    let told = try options.ask(.connections(limit: most.limit), as: ConnectionList.self)
    let lists = told.answers.map {
      ProxyConnections(proxy: $0.proxy, connections: $0.answer.connections, isTruncated: $0.answer.truncated)
    }
    try format.output.print(lists) { ConnectionTable(lists: lists).text($0) }
    for list in lists where list.isTruncated { LimitOption.warn(list.proxy, toldOnly: list.connections.count) }
    if let failure = told.failure { throw failure }
  }
}

/// The live connections of one proxy.
struct ProxyConnections: Encodable, Equatable {
  let proxy: String
  let connections: [ConnectionReport]
  let isTruncated: Bool
}
