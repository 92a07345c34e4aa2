internal import NIOCore
internal import NIOPosix

/// A connection to the RPC of a Serf on this host, greeted and authenticated.
actor SerfConnection {
  private var rpc = SerfRPC()
  private var waiting: [UInt64: CheckedContinuation<SerfAnswer, any Error>] = [:]
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var broken: MembershipError?
  private var hasEvents = false

  private init(_ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) { self.outbound = outbound }

  /// Connects to the port on loopback, and closes the connection after `body`, or when it broke.
  static func use<Result: Sendable>(
    port: UInt16,
    key: String,
    _ body: @escaping @Sendable (SerfConnection) async throws -> Result
  ) async throws(MembershipError) -> Result {
    do {
      let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connectTimeout(.milliseconds(Int64(MembershipLimit.answer_ms)))
        .connect(host: "127.0.0.1", port: Int(port)) { channel in
          channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
          }
        }
      return try await channel.executeThenClose { inbound, outbound in
        let connection = SerfConnection(outbound)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
          // The connection's end fails what waits on it, and so `body`; an answer that came before it still counts.
          group.addTask {
            await connection.read(inbound)
            return nil
          }
          group.addTask {
            try await connection.request(.handshake)
            try await connection.request(.authenticate(key))
            return try await body(connection)
          }
          defer { group.cancelAll() }
          while let ended = try await group.next() {
            if let result = ended { return result }
          }
          throw CancellationError()
        }
      }
    } catch let error as MembershipError {
      throw error
    } catch {
      throw .disconnected("\(error)")
    }
  }

  /// Sends a request and waits for its answer. After a timeout the connection is of no use any more.
  @discardableResult
  func request(_ request: SerfRequest) async throws -> SerfAnswer {
    if let broken { throw broken }
    let (number, bytes) = try rpc.send(request)
    let limit_ms = request.timeout_ms
    let timeout = Task {
      try await Task.sleep(for: .milliseconds(Int(limit_ms)))
      fail(.timedOut(command: request.command, limit_ms: limit_ms))
    }
    defer { timeout.cancel() }
    do {
      return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          waiting[number] = continuation
          // The answer cannot come before the continuation is there.
          Task {
            do {
              try await outbound.write(ByteBuffer(bytes: bytes))
            } catch {
              fail(.disconnected("\(error)"))
            }
          }
        }
      } onCancel: {
        Task { await self.fail(.disconnected("nobody waits any more")) }
      }
    } catch let refusal as Refusal {
      throw MembershipError.refused(command: request.command, reason: refusal.reason)
    }
  }

  /// Whether events came since the last call.
  func takeEvents() -> Bool {
    defer { hasEvents = false }
    return hasEvents
  }

  /// Serf's words on a request that it did not carry out.
  private struct Refusal: Error {
    let reason: String
  }

  /// Reads until the connection ends.
  private func read(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async {
    do {
      for try await buffer in inbound {
        for output in try rpc.receive(buffer.readableBytesView) { take(output) }
      }
      fail(.disconnected("Serf closed it"))
    } catch {
      fail(.disconnected("\(error)"))
    }
  }

  private func take(_ output: SerfRPC.Output) {
    switch output {
    case .answer(let number, let answer): waiting.removeValue(forKey: number)?.resume(returning: answer)
    case .refusal(let number, let reason):
      waiting.removeValue(forKey: number)?.resume(throwing: Refusal(reason: reason))
    case .event: hasEvents = true
    }
  }

  /// Everybody who waits, and will, gets the first error.
  private func fail(_ error: MembershipError) {
    let first = broken ?? error
    broken = first
    for continuation in waiting.values { continuation.resume(throwing: first) }
    waiting = [:]
  }
}
