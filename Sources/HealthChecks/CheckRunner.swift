internal import MeshModel
public import NIOCore
public import NIOPosix
public import Registry

/// Runs checks. It holds nothing: each run has its own connection or process, which ends with it, so that no connection of
/// a former run hides a program that takes none any more.
public struct CheckRunner: Sendable {
  let group: any EventLoopGroup

  /// A runner whose connections live on `group`.
  public init(group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton) { self.group = group }

  /// Runs a check. Whatever happens is a result, and there is one when the check's timeout is over, counted from now.
  public func run(_ check: CheckRun) async -> CheckResult {
    let timeout_ms = check.check.timeout_ms
    let report: CheckReport
    do {
      report =
        switch check.check.kind {
        case .tcp: try await tcp(check.target, timeout_ms)
        case .http(let request): try await http(request, check.target, timeout_ms)
        case .grpc(_, let service): try await grpc(service, check.target, timeout_ms)
        case .script(let words): try await script(words, timeout_ms)
        case .ttl: throw CheckFailure("ttl", "the program reports by itself; nothing is run")
        }
    } catch let failure as CheckFailure {
      report = CheckReport(.failing, failure.description)
    } catch {
      report = CheckReport(.failing, CheckFailure.reason(error))
    }
    return CheckResult(id: check.id, outcome: report.outcome, output: report.output)
  }

  /// The value of `body`, which is cancelled when the time is up.
  func within<Value: Sendable>(
    _ timeout_ms: UInt32,
    _ what: String,
    _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
      group.addTask {
        do { return try await body() } catch let failure as CheckFailure { throw failure } catch {
          throw CheckFailure(what, error)
        }
      }
      group.addTask {
        try await Task.sleep(for: .milliseconds(timeout_ms))
        throw CheckFailure.late(what, timeout_ms)
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { throw CheckFailure.late(what, timeout_ms) }
      return first
    }
  }
}
