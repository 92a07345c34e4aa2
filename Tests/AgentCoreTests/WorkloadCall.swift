import Foundation
import GRPCCore
import Glibc
import Kernel
import MeshAPI
import Testing
import WeftTestKit

@testable import AgentCore

extension Caller {
  /// This process, as the other end of a socket pair.
  static func own(uid: UInt32 = geteuid()) throws -> Caller {
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { for end in ends { close(end) } }
    return Caller(uid: uid, gid: getegid(), process: PeerProcess(pid: getpid(), ofSocket: ends[0]))
  }
}

/// A stream of the Workload API as gRPC runs it, without a socket.
final class WorkloadCall: Sendable {
  private struct Writer: RPCWriterProtocol {
    let written: AsyncStream<X509SVIDResponse>.Continuation

    func write(_ element: X509SVIDResponse) async throws { written.yield(element) }

    func write(contentsOf elements: some Sequence<X509SVIDResponse>) async throws {
      for element in elements { written.yield(element) }
    }
  }

  /// What was written; ends with the stream.
  let responses: AsyncStream<X509SVIDResponse>
  private let handle: AsyncStream<ServerContext.RPCCancellationHandle>
  private let task: Task<RPCError?, Never>

  init(
    _ service: WorkloadService,
    from caller: Caller,
    metadata: Metadata = ["workload.spiffe.io": "true"]
  ) {
    let (responses, written) = AsyncStream<X509SVIDResponse>.makeStream()
    let (handles, known) = AsyncStream<ServerContext.RPCCancellationHandle>.makeStream()
    self.responses = responses
    handle = handles
    task = Task {
      defer { written.finish() }
      do {
        try await withServerContextRPCCancellationHandle { handle in
          known.yield(handle)
          known.finish()
          var context = ServerContext(
            descriptor: MethodDescriptor(fullyQualifiedService: "SpiffeWorkloadAPI", method: "FetchX509SVID"),
            remotePeer: "unix:test",
            localPeer: "unix:test",
            cancellation: handle
          )
          context.transportSpecific = caller
          let response = try await service.fetchX509SVID(
            request: ServerRequest(metadata: metadata, message: X509SVIDRequest()),
            context: context
          )
          _ = try await response.accepted.get().producer(RPCWriter(wrapping: Writer(written: written)))
        }
        return nil
      } catch {
        return error as? RPCError ?? RPCError(code: .unknown, message: "\(error)")
      }
    }
  }

  /// What gRPC does when the client is gone.
  func cancel() async { for await handle in handle { handle.cancel() } }

  /// What it ended with.
  func end() async -> RPCError? {
    // A test whose time is over does not wait for a stream that does not end.
    await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
  }
}
