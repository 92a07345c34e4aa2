/// Bounds on what is asked of others at one time. Times in milliseconds.
public enum ForwardLimit {
  /// Questions that wait for an answer, each client's counted. A busy host asks some hundred a second, each for some
  /// milliseconds; with all tries of all of them, ids are still mostly free, so that a guess hits none (RFC 5452 section 9.1).
  public static let questions = 1_000
  /// Those of one pod: with resolvers that need 20 ms, more than ten thousand a second. A pod that asks for what nobody
  /// answers leaves the rest to the others (`FairShares`).
  public static let questionsOfPod = 250
  /// Tries of one question that may still be answered: where a third begins, the first has had four seconds. With it the
  /// sockets are bounded by the questions, so that no pod's fails for want of those that another's hold.
  public static let tries = 2
  /// How long a server has before the next is asked too; its answer is still taken. A client waits five seconds
  /// (resolv.conf's `timeout`), and should not do so in vain where the next server is well.
  public static let try_ms: UInt64 = 2_000
  /// How long a question waits in all: a client has asked twice by then, and gives up.
  public static let question_ms: UInt64 = 10_000
  /// How long a server that did not answer is asked last.
  public static let suspicion_ms: UInt64 = 30_000
  /// Draws for an id that is free: with at most one of ten taken, a dozen fail once in 10^12.
  public static let draws = 12
}
