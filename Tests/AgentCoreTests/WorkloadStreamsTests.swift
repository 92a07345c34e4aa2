import GRPCCore
import Testing

@testable import AgentCore

@Suite("Open streams of workloads")
struct WorkloadStreamsTests {
  @Test("are bounded for a user, whom the refusal names, while others open theirs")
  func user() throws {
    let streams = WorkloadStreams()
    for _ in 0..<WorkloadStreams.perUser { try streams.open(1000) }
    let refusal = #expect(throws: RPCError.self) { try streams.open(1000) }
    #expect(refusal?.code == .resourceExhausted)
    #expect(refusal?.message.contains("user 1000 has 1024 streams") == true)
    try streams.open(1001)
    streams.close(1000)
    try streams.open(1000)
  }

  @Test("are bounded for all users together, and free again once closed")
  func all() throws {
    let streams = WorkloadStreams()
    let users = UInt32(WorkloadStreams.all / WorkloadStreams.perUser)
    for user in 0..<users { for _ in 0..<WorkloadStreams.perUser { try streams.open(user) } }
    #expect(throws: RPCError.self) { try streams.open(users) }
    for user in 0..<users { for _ in 0..<WorkloadStreams.perUser { streams.close(user) } }
    #expect(streams.count == 0)
    try streams.open(users)
  }
}
