internal import Foundation
internal import Kernel
internal import Logging
internal import MeshDocuments
internal import Registry
internal import ServiceLifecycle

/// The directory whose files say which services this host runs: read at the start and whenever something in it changes.
///
/// A file with an error takes nothing away: what it said before stays in force until it is right again or gone.
struct ServiceDirectory: ServiceLifecycle.Service {
  let path: String
  let mesh: Mesh
  let log: Logger

  /// How long changes must have been quiet before files are read: editors and package managers write in several steps.
  static let quiet_ms = 50
  /// Between two looks at a directory that does not exist yet, in seconds: nobody is told when it is made.
  static let absence_s = 2

  func run() async throws {
    var known: [String: ServiceFile] = [:]
    await read(&known)
    while !Task.isShuttingDownGracefully {
      do {
        try await cancelWhenGracefulShutdown { try await changed() }
      } catch is CancellationError {
        return  // the agent ends
      }
      await read(&known)
    }
  }

  /// Returns when something in the directory may have changed.
  private func changed() async throws {
    guard let watch = try? FileWatch(directoryOf: path + "/.") else {
      return try await Task.sleep(for: .seconds(Self.absence_s))
    }
    try await ReadableDescriptor.wait(watch.descriptor.raw)
    repeat {
      watch.drain()
      try await Task.sleep(for: .milliseconds(Self.quiet_ms))
    } while ReadableDescriptor.isReadable(watch.descriptor.raw)
  }

  private func read(_ known: inout [String: ServiceFile]) async {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    var files: [String: ServiceFile] = [:]
    for name in names.sorted() where !name.hasPrefix(".") && Self.isServiceFile(name) {
      let file = "\(path)/\(name)"
      let reading = RegistrationDocuments.read(paths: [file])
      for issue in reading.issues {
        log.log(level: issue.severity == .error ? .error : .warning, "\(issue)")
      }
      if reading.issues.contains(where: { $0.severity == .error }) {
        // An absent file is absent by choice; a broken one is a mistake that must not take services away.
        files[file] = known[file]
      } else {
        files[file] = ServiceFile(path: file, registrations: reading.registrations)
      }
    }
    known = files
    await mesh.adopt(files: files.values.sorted { $0.path < $1.path })
  }

  private static func isServiceFile(_ name: String) -> Bool {
    [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
  }
}
