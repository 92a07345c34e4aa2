internal import Foundation

/// Finds and reads the files that hold documents. What cannot be read is an issue, never left out silently.
struct DocumentFiles {
  /// Endings of the files that a directory is searched for.
  static let endings = ["yaml", "yml", "json"]
  /// Directories within directories; a bound for trees that do not end.
  static let maxDepth = 32

  private(set) var sources: [DocumentSource] = []
  private var totalBytes = 0
  private var isFull = false
  private let issues: IssueList

  init(_ issues: IssueList) { self.issues = issues }

  /// Adds a file, every document file under a directory, or standard input for `-`.
  mutating func add(_ path: String) {
    guard path != "-" else { return addFile("/dev/stdin", name: "<stdin>") }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      return issues.error(path, Self.absence(path))
    }
    guard isDirectory.boolValue else { return addFile(path, name: path) }
    let before = (files: sources.count, issues: issues.issues.count)
    addDirectory(path, depth: 0)
    if sources.count == before.files, issues.issues.count == before.issues {
      // An empty policy set opens everything: not what a mistyped directory should do.
      issues.error(path, "holds no file that ends in .\(Self.endings.joined(separator: ", ."))")
    }
  }

  private mutating func addDirectory(_ path: String, depth: Int) {
    guard depth < Self.maxDepth else { return issues.error(path, "is more than \(Self.maxDepth) directories deep") }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    } catch {
      return issues.error(path, "cannot be listed: \(Self.reason(error))")
    }
    // Kubernetes mounts a ConfigMap as links into hidden directories: the links count, the directories do not.
    for name in names where !name.hasPrefix(".") && !isFull {
      let entry = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      let kind = Self.kind(entry)
      if kind == .typeDirectory {
        addDirectory(entry, depth: depth + 1)
      } else if Self.endings.contains(where: { name.hasSuffix(".\($0)") }) {
        addEntry(entry)
      }
    }
  }

  /// A file found in a directory: a link counts as what it leads to, and pipes and devices could block us.
  private mutating func addEntry(_ path: String) {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    switch Self.kind(target) {
    case .typeRegular: addFile(path, name: path)
    case .typeDirectory: issues.error(path, "is a link to a directory, which is not followed")
    case .typeSymbolicLink, nil: issues.error(path, "is a link to nothing")
    default: issues.error(path, "is not a regular file")
    }
  }

  private mutating func addFile(_ path: String, name: String) {
    guard sources.count < DocumentSource.maxFiles else {
      isFull = true
      return issues.error(name, "is one file more than the \(DocumentSource.maxFiles) allowed")
    }
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      // One byte beyond the bound, so that YAMLStream sees and says that it is too much.
      let data = try handle.read(upToCount: DocumentSource.maxBytes + 1) ?? Data()
      totalBytes += data.count
      guard totalBytes <= DocumentSource.maxTotalBytes else {
        isFull = true
        return issues.error(name, "takes all files beyond the \(DocumentSource.maxTotalBytes) bytes allowed")
      }
      sources.append(DocumentSource(name: name, bytes: [UInt8](data)))
    } catch {
      issues.error(name, "cannot be read: \(Self.reason(error))")
    }
  }

  /// Why a path leads to nothing: mistyped, a loop of links, or behind a directory that this user may not enter.
  private static func absence(_ path: String) -> String {
    var status = stat()
    guard stat(path, &status) != 0, errno != ENOENT else { return "there is no such file or directory" }
    return "cannot be read: \(String(cString: strerror(errno)))"
  }

  private static func kind(_ path: String) -> FileAttributeType? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
  }

  /// The system's words for an error, without Foundation's around them.
  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
    return underlying.domain == NSPOSIXErrorDomain
      ? String(cString: strerror(Int32(underlying.code))) : underlying.localizedDescription
  }
}
