internal import AgentCore
internal import ArgumentParser

@main
struct WeftAgent: AsyncParsableCommand {
  func run() async throws {}
}
