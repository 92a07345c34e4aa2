extension Field {
  /// A time as Kubernetes writes it (RFC 3339, in UTC, such as `2026-01-31T12:00:00Z`), in seconds since 1970.
  func timestamp() -> Int64? {
    guard let text = text() else { return nil }
    guard let time_s = Timestamp.seconds(text) else {
      error("\"\(text)\" is not a time such as 2026-01-31T12:00:00Z")
      return nil
    }
    return time_s
  }
}

enum Timestamp {
  static func seconds(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    let marks = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "Z")]
    guard bytes.count == 20, marks.allSatisfy({ bytes[$0.0] == $0.1.utf8.first }),
      let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
      let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
      year > 0, (1...12).contains(month), day >= 1, hour < 24, minute < 60, second < 61
    else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard day <= lengths[Int(month) - 1] else { return nil }
    let before = year - 1
    // Days from year 1, less those until 1970.
    let years = before * 365 + before / 4 - before / 100 + before / 400 - 719_162
    let days = years + lengths.prefix(Int(month) - 1).reduce(0, +) + day - 1
    return days * 86_400 + hour * 3_600 + minute * 60 + second
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }
}
