internal import CLinux
internal import Glibc

/// What this process uses now, for metrics; read from /proc/self, zero where that is missing.
public struct ProcessUsage: Sendable {
  /// User and system time of all threads, in seconds (getrusage(2)).
  public let cpu_s: Double
  /// Descriptors open (/proc/self/fd).
  public let openDescriptors: Int
  /// Resident memory in bytes (/proc/PID/statm).
  public let resident_bytes: UInt64
  /// Address space in bytes (/proc/PID/statm).
  public let virtual_bytes: UInt64

  /// Reads all of it.
  public static func now() -> ProcessUsage {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let statm = (try? FileContents.read("/proc/self/statm", limit: 4096)) ?? []
    let pages = String(decoding: statm, as: UTF8.self).split(separator: " ").compactMap { UInt64($0) }
    let size = UInt64(getpagesize())
    return ProcessUsage(
      cpu_s: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      openDescriptors: countDescriptors(),
      resident_bytes: pages.count > 1 ? pages[1] * size : 0,
      virtual_bytes: pages.first.map { $0 * size } ?? 0
    )
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

  private static func countDescriptors() -> Int {
    guard let directory = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return max(0, count - 3)  // ".", ".." and the directory itself
  }
}
