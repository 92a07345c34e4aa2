/// How long what we answer may be kept, in seconds.
public enum RecordTTL {
  /// Records of services. Virtual addresses hardly ever change, but the endpoints of a service without one do, and a
  /// program that kept one that is gone fails for so long.
  public static let service_s: UInt32 = 5
  /// That a name or record does not exist (RFC 2308): a service that is registered is found as soon.
  public static let negative_s: UInt32 = 5
  /// The zone's own records, which only a new release changes.
  public static let apex_s: UInt32 = 60
}
