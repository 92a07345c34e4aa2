/// How urgent an entry is, as syslog(3) and `journalctl -p` number it.
public enum Priority: UInt8, Sendable, CaseIterable {
  case emergency, alert, critical, error, warning, notice, info, debug
}
