/// FNV-1a over 64 bits: tells one content from another by accident, not by attack. A snapshot is as trusted
/// as the file's owner; what matters is that a torn or hand-edited file does not pass for the compiled one.
struct ContentHash {
  private var state: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func combine(_ text: String) {
    // The length first, so that ("ab", "c") and ("a", "bc") differ.
    combine(text.utf8.count)
    for byte in text.utf8 { combine(byte: byte) }
  }

  mutating func combine(_ number: Int) {
    for shift in stride(from: 0, to: 64, by: 8) { combine(byte: UInt8(truncatingIfNeeded: number >> shift)) }
  }

  mutating func combine<Element>(_ list: [Element], _ each: (inout ContentHash, Element) -> Void) {
    combine(list.count)
    for element in list { each(&self, element) }
  }

  private mutating func combine(byte: UInt8) {
    state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
  }

  /// Sixteen hexadecimal digits.
  var text: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension ContentHash {
  mutating func combine(_ policy: NetworkPolicy) {
    combine(policy.namespace)
    combine(policy.name)
    combine(policy.podSelector.matchLabels.sorted { $0.key < $1.key }) { hash, label in
      hash.combine(label.key)
      hash.combine(label.value)
    }
    combine(policy.podSelector.matchExpressions) { hash, requirement in
      hash.combine(requirement.key)
      hash.combine(requirement.operatorName)
      hash.combine(requirement.values) { $0.combine($1) }
    }
    for rules in [policy.ingress, policy.egress] {
      combine(rules == nil ? 0 : 1)
      combine(rules ?? []) { $0.combine($1) }
    }
  }

  private mutating func combine(_ rule: NetworkPolicy.Rule) {
    combine(rule.ipBlocks) { hash, block in
      hash.combine(block.cidr.description)
      hash.combine(block.except) { $0.combine($1.description) }
    }
    combine(rule.ports) { $0.combine($1.description) }
  }
}
