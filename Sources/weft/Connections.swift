import ArgumentParser
import MeshModel

/// `weft connections`: what do proxies carry now?
struct Connections: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists live connections: who, to where, by which verdict, how much, how long."
  )

  @OptionGroup var options: ProxyOptions
  @OptionGroup var format: OutputOptions

  @Option(help: ArgumentHelp("The most to list of each proxy, up to \(AdminRequest.maxLimit).", valueName: "count"))
  var limit = AdminRequest.defaultLimit

  func validate() throws {
    guard (1...AdminRequest.maxLimit).contains(limit) else {
      throw ValidationError("--limit \(limit) is not from 1 to \(AdminRequest.maxLimit)")
    }
  }

  func run() throws {
    var lists: [ProxyConnections] = []
    var failures: [CommandFailure] = []
    for proxy in try options.proxies() {
      do throws(CommandFailure) {
        let list = try proxy.client.get(.connections(limit: limit), as: ConnectionList.self)
        lists.append(
          ProxyConnections(proxy: proxy.name, connections: list.connections, isTruncated: list.truncated)
        )
      } catch {
        failures.append(error)
      }
    }
    // One proxy that is gone must not hide what the others carry.
    if let failure = CommandFailure(failures), lists.isEmpty { throw failure }
    try format.output.print(lists) { ConnectionTable(lists: lists).text($0) }
    for list in lists where list.isTruncated {
      StandardError.write("weft: proxy \(list.proxy) has more than these \(list.connections.count); raise --limit")
    }
    if let failure = CommandFailure(failures) { throw failure }
  }
}

/// The live connections of one proxy.
struct ProxyConnections: Encodable, Equatable {
  let proxy: String
  let connections: [ConnectionReport]
  let isTruncated: Bool
}
