/// Amounts as people read them.
enum Amounts {
  /// `512 B`, `1.5 KiB`, `20 MiB`.
  static func bytes(_ count: UInt64) -> String {
    guard count >= 1024 else { return "\(count) B" }
    var amount = Double(count)
    var unit = -1
    while amount >= 1024, unit < 4 {
      amount /= 1024
      unit += 1
    }
    let tenths = (amount * 10).rounded(.down)
    return (amount < 10 ? "\(tenths / 10)" : "\(UInt64(amount))") + " \(["KiB", "MiB", "GiB", "TiB", "PiB"][unit])"
  }

  /// `350ms`, `12s`, `3m05s`, `2h10m`, `4d03h`.
  static func duration(milliseconds: Int64) -> String {
    let seconds = max(0, milliseconds) / 1000
    switch seconds {
    case 0: return "\(max(0, milliseconds))ms"
    case ..<60: return "\(seconds)s"
    case ..<3600: return "\(seconds / 60)m\(two(seconds % 60))s"
    case ..<86_400: return "\(seconds / 3600)h\(two(seconds / 60 % 60))m"
    default: return "\(seconds / 86_400)d\(two(seconds / 3600 % 24))h"
    }
  }

  /// `1 policy`, `2 policies`.
  static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(number) \(number == 1 ? one : many)"
  }

  private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
