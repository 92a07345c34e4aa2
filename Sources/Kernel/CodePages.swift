internal import CLinux

/// The program's code in memory.
public enum CodePages {
  /// Gives back the pages of code and constants that are mapped: what runs from here on is mapped again from the file, 64 KiB
  /// around each use, and what only ran to start or to read documents is not. They are the file's own pages, shared by all
  /// proxies of a host; nothing is written or lost. madvise(2) MADV_DONTNEED on segments that are never written.
  public static func releaseUnused() { weft_release_code() }
}
