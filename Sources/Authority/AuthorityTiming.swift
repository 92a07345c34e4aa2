/// How long what the authority makes is valid, and how its rotations are timed. In seconds.
public enum AuthorityTiming {
  /// A workload's or a host's certificate: a stolen key is of use for a day (decision 6 of the design).
  public static let leafLife_s: Int64 = day_s
  /// An intermediate. It is replaced at half of it, so an agent that was off for six weeks can still issue.
  public static let intermediateLife_s: Int64 = 90 * day_s
  /// A root. Join tokens pin it, and credentials of owners name it, so it changes seldom.
  public static let rootLife_s: Int64 = 3_650 * day_s

  /// How far clocks of peers may be off: our verifiers take a certificate that much before and after its time.
  public static let skew_s: Int64 = 20
  /// A leaf begins this much before it is issued. It is more than `skew_s`, since verifiers that are not ours (OpenSSL,
  /// SPIFFE clients) tolerate nothing: three times the skew covers them too, and costs a leaf nothing.
  public static let leafBackdate_s: Int64 = 60
  /// Roots and intermediates begin this much before they are made: one host a day fast, the other a day slow, and an hour
  /// to spare. What was made while the clock was wrong stays of use when it is right again.
  public static let authorityBackdate_s: Int64 = 49 * hour_s

  /// Between the publication of a root and the first signature that needs it.
  ///
  /// Who has a valid leaf was in touch with an authority within `leafLife_s`, and got the bundle along with it; the rest
  /// is for an authority whose clock jumps a day ahead meanwhile.
  public static let propagation_s: Int64 = leafLife_s + day_s + hour_s
  /// Between the last signature under a root and its leaving the bundle: the last leaf has expired for every verifier,
  /// even if the clock was a day fast when it was issued or jumps a day ahead meanwhile.
  public static let retirement_s: Int64 = leafLife_s + day_s + hour_s

  /// After its end that a host's certificate is renewed by the host's key, and after its leaving that a root's certificates are
  /// renewed so: a week of holidays. Whoever was away for longer may have been given away, and joins anew.
  public static let renewal_s: Int64 = 7 * day_s

  /// By chance, a leaf is renewed up to this part of its life before or after the middle of it, so that hosts which
  /// started together do not ask together for ever.
  public static let jitterParts: Int64 = 10

  /// A JWT-SVID: whoever is shown one can show it on, so it is short, as SPIRE's are.
  public static let jwtLife_s: Int64 = 300
  /// Between two keys of JWT-SVIDs: an authority that lost one made tokens of five minutes by it, so a week is no risk of its own.
  public static let jwtKeyLife_s: Int64 = 7 * day_s
  /// Between telling a key and its first signature. Hosts have it within a second; verifiers that are not ours may read the
  /// bundle once a day.
  public static let jwtPropagation_s: Int64 = day_s + hour_s
  /// Between the last signature of a key and its end: the last token has expired, even if the clock was a day fast.
  public static let jwtRetirement_s: Int64 = day_s + hour_s

  static let hour_s: Int64 = 3_600
  /// A day.
  public static let day_s: Int64 = 24 * hour_s
  /// What a certificate can say: years 0 to 9999 (RFC 5280 section 4.1.2.5), less what is added and taken away here.
  static let clock_s: ClosedRange<Int64> = -50_000_000_000...250_000_000_000
}
