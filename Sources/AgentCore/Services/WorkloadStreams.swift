internal import GRPCCore
internal import Synchronization

/// How many streams of the Workload API are open, and for whom: any user of the host may open some, and none all.
final class WorkloadStreams: Sendable {
  /// Streams of one user: hundreds of programs, each with one for its certificates and one for the bundle.
  static let perUser = 1_024
  /// Streams of all users: a user may command many ids (subuid(5)), so theirs alone would bound nothing. A stream costs
  /// some kilobytes.
  static let all = 16 * perUser

  private struct Counts {
    var all = 0
    var byUser: [UInt32: Int] = [:]
  }

  private let counts = Mutex(Counts())

  /// Counts one more, which `close` takes back; throws where there are too many.
  func open(_ uid: UInt32) throws(RPCError) {
    let refusal = counts.withLock { counts -> String? in
      let own = counts.byUser[uid, default: 0]
      guard own < Self.perUser else {
        return "user \(uid) has \(own) streams of the Workload API open, which is all that a user may have; close some"
      }
      guard counts.all < Self.all else {
        return "\(counts.all) streams of the Workload API are open on this host, which is all that it may have"
      }
      counts.all += 1
      counts.byUser[uid] = own + 1
      return nil
    }
    if let refusal { throw RPCError(code: .resourceExhausted, message: refusal) }
  }

  func close(_ uid: UInt32) {
    counts.withLock { counts in
      counts.all -= 1
      // An entry for each user who ever asked would grow without end.
      counts.byUser[uid] = counts.byUser[uid].flatMap { $0 > 1 ? $0 - 1 : nil }
    }
  }

  /// Of all users.
  var count: Int { counts.withLock { $0.all } }
}
