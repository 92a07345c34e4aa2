/// What the system says of this process; whoever scrapes reads it and passes it in.
public struct ProcessFigures: Sendable {
  /// Seconds since 1970 at which the process started.
  public var startTime_s: Double
  /// CPU seconds used, user and system.
  public var cpu_s: Double
  /// Descriptors open now.
  public var openDescriptors: Int
  /// The limit of descriptors (RLIMIT_NOFILE).
  public var maximumDescriptors: UInt64
  /// Bytes of resident memory.
  public var resident_bytes: UInt64
  /// Bytes of virtual memory.
  public var virtual_bytes: UInt64

  /// All figures; see each.
  public init(
    startTime_s: Double,
    cpu_s: Double,
    openDescriptors: Int,
    maximumDescriptors: UInt64,
    resident_bytes: UInt64,
    virtual_bytes: UInt64
  ) {
    self.startTime_s = startTime_s
    self.cpu_s = cpu_s
    self.openDescriptors = openDescriptors
    self.maximumDescriptors = maximumDescriptors
    self.resident_bytes = resident_bytes
    self.virtual_bytes = virtual_bytes
  }
}

extension PrometheusText {
  /// Adds the `process_*` metrics by the names of Prometheus' client libraries.
  public mutating func add(_ process: ProcessFigures) {
    family("process_start_time_seconds", .gauge, "Start time of the process since the Unix epoch, in seconds.")
    sample("process_start_time_seconds", process.startTime_s)
    family("process_cpu_seconds_total", .counter, "User and system CPU time, in seconds.")
    sample("process_cpu_seconds_total", process.cpu_s)
    family("process_open_fds", .gauge, "Open file descriptors.")
    sample("process_open_fds", process.openDescriptors)
    family("process_max_fds", .gauge, "Limit of open file descriptors.")
    sample("process_max_fds", process.maximumDescriptors)
    family("process_resident_memory_bytes", .gauge, "Resident memory, in bytes.")
    sample("process_resident_memory_bytes", process.resident_bytes)
    family("process_virtual_memory_bytes", .gauge, "Virtual memory, in bytes.")
    sample("process_virtual_memory_bytes", process.virtual_bytes)
  }
}
