internal import Foundation
internal import GRDB

// How values go into columns and come out again, without GRDB's own conversions: those cut a text at a NUL, which a
// peer may have put there, and end the process on a value of another type, which a damaged page may hold.

extension Row {
  /// A blob or a text as bytes; empty for NULL, which no row of ours has and no sum fits.
  func bytes(_ column: Int) throws -> [UInt8] {
    try withUnsafeData(atIndex: column) { data in data.map { [UInt8]($0) } ?? [] }
  }

  /// A number; 0 for what is none.
  func number(_ column: Int) -> Int64 { self[column] as Int64? ?? 0 }
}

extension String {
  /// The bytes that stand for this text in a column with keys: those of the one form (NFC) that all texts have which
  /// Swift holds for equal, so that the database replaces a row just where a dictionary would replace a value.
  var keyBytes: [UInt8] {
    utf8.allSatisfy { $0 < 0x80 } ? Array(utf8) : Array(precomposedStringWithCanonicalMapping.utf8)
  }
}

extension [UInt8] {
  /// As an argument of a statement.
  var blob: Data { Data(self) }
}
