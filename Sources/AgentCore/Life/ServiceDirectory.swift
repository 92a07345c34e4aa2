internal import Glibc
internal import Kernel
internal import Logging
internal import MeshDocuments
internal import ServiceLifecycle

/// The directory whose files say which services this host runs: read at the start and whenever something in it changes.
///
/// A file with an error takes nothing away: what it said before, in this life of the agent or an earlier one, stays in force
/// until it is right again or gone. Likewise nothing is taken away while the directory itself cannot be read.
struct ServiceDirectory: ServiceLifecycle.Service {
  let path: String
  let mesh: Mesh
  let log: Logger

  /// How long changes must have been quiet before files are read: editors and package managers write in several steps.
  static let quiet_ms = 50
  /// Between two looks at a directory that does not exist yet or cannot be read, in seconds: nobody is told when it can.
  static let absence_s = 2

  func run() async throws {
    var last = Look()
    while !Task.isShuttingDownGracefully {
      let before = last
      do {
        last = try await cancelWhenGracefulShutdown { try await look(after: before) }
      } catch is CancellationError {
        return  // the agent ends
      }
    }
  }

  /// What came of looking at the directory.
  private struct Look {
    /// Why it failed; said once.
    var failure: String?
    /// Whether it was there.
    var wasThere = false
  }

  /// Reads the directory and returns when something in it may have changed.
  ///
  /// It is watched before it is read: a change meanwhile is in the watch, if it is not in what was read. The path is followed:
  /// where another directory was put in its place, that one is watched and read.
  private func look(after last: Look) async throws -> Look {
    let watch = try? FileWatch(directoryOf: path + "/.")
    if watch == nil, last.wasThere {
      // Renamed away, and what is to take its place is not there yet: not all who deploy do that in one step.
      try await Task.sleep(for: .seconds(Self.absence_s))
      return Look(failure: last.failure)
    }
    do {
      try await read()
    } catch {
      if error.description != last.failure { log.error("\(error)") }
      try await Task.sleep(for: .seconds(Self.absence_s))
      return Look(failure: error.description)
    }
    guard let watch else {
      try await Task.sleep(for: .seconds(Self.absence_s))
      return Look()
    }
    try await ReadableDescriptor.wait(watch.descriptor.raw)
    repeat {
      watch.drain()
      try await Task.sleep(for: .milliseconds(Self.quiet_ms))
    } while ReadableDescriptor.isReadable(watch.descriptor.raw)
    return Look(wasThere: true)
  }

  private func read() async throws(DirectoryFailure) {
    var files: [ServiceFile] = []
    var broken: Set<String> = []
    for name in try names() {
      let file = "\(path)/\(name)"
      let reading = RegistrationDocuments.read(paths: [file])
      for issue in reading.issues {
        log.log(level: issue.severity == .error ? .error : .warning, "\(issue)")
      }
      if reading.issues.contains(where: { $0.severity == .error }) {
        // An absent file is absent by choice; a broken one is a mistake that must not take services away.
        broken.insert(file)
      } else {
        files.append(ServiceFile(path: file, registrations: reading.registrations))
      }
    }
    await mesh.adopt(files: files, broken: broken)
  }

  /// The service files in the order of their names; none where there is no directory.
  private func names() throws(DirectoryFailure) -> [String] {
    do throws(SystemError) {
      return try DirectoryNames.read(path).filter { !$0.hasPrefix(".") && Self.isServiceFile($0) }.sorted()
    } catch {
      if error.code == ENOENT { return [] }
      throw DirectoryFailure(path: path, cause: error)
    }
  }

  private static func isServiceFile(_ name: String) -> Bool {
    [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
  }
}

/// Why the directory could not be read.
private struct DirectoryFailure: Error, CustomStringConvertible {
  let path: String
  let cause: SystemError

  var description: String {
    "the service files in \(path) cannot be read (\(cause)); all that they registered stays as it was. "
      + "Check what is there, its owner and its mode"
  }
}
