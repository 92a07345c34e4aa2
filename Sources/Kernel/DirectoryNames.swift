internal import CLinux
internal import Glibc

/// What is in a directory. Foundation's way does not tell why it could not be read.
public enum DirectoryNames {
  /// The names in a directory but `.` and `..`, in no order (readdir(3)).
  public static func read(_ path: String) throws(SystemError) -> [String] {
    guard let directory = opendir(path) else { throw SystemError("opendir", path) }
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      // The end and an error look alike but for this.
      errno = 0
      guard let entry = readdir(directory) else {
        if errno != 0 { throw SystemError("readdir", path) }
        return names
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
  }
}
