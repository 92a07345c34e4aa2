internal import Glibc
internal import Kernel

/// Keeps two runs of weft-capture in one network namespace apart, which iptables' own lock cannot: with nft there
/// is none, and with legacy it is freed between reading the rules and writing them.
public struct NamespaceLock: ~Copyable {
  private let namespace: NetworkNamespace

  /// How often to look while waiting: flock(2) cannot wait with a limit.
  private static let retryMilliseconds = 20

  /// Waits up to `waitSeconds` for the calling thread's namespace; freed when this value ends.
  public init(waitSeconds: Int) throws(CaptureError) {
    do {
      let namespace = try NetworkNamespace.current()
      var tries = waitSeconds * 1000 / Self.retryMilliseconds
      while try !namespace.tryLock() {
        guard tries > 0 else { throw CaptureError.lockHeld("the lock of this namespace", seconds: waitSeconds) }
        tries -= 1
        usleep(useconds_t(Self.retryMilliseconds * 1000))
      }
      self.namespace = namespace
    } catch let error as SystemError {
      throw .system(error)
    } catch let error as CaptureError {
      throw error
    } catch { throw .failed("\(error)") }
  }
}
