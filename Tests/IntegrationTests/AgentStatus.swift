import Foundation
import WeftTestKit

/// What `weft check` tells of an agent.
struct AgentStatus: Decodable {
  struct Proxy: Decodable {
    let name: String
    let pid: Int32
    let subscriptions: Int
    let nacks: Int
    let lastNack: String
  }

  let proxies: [Proxy]
  let counters: [String: Int]

  /// The agent's among what is told: proxies that others started on this machine may be there, too.
  init(_ agent: AgentUnderTest) throws {
    let text = try agent.weft("check", "-o", "json").output
    let told = try JSONDecoder().decode([Entry].self, from: Data(text.utf8)).lazy.compactMap(\.status).first
    guard let told else { throw TestKitError("no agent in \(text)") }
    self = told
  }

  private struct Entry: Decodable {
    let status: AgentStatus?

    private enum Key: CodingKey {
      case agent, status
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      status = try container.contains(.agent) ? container.decode(AgentStatus.self, forKey: .status) : nil
    }
  }
}
