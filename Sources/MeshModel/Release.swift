/// The release that this source tree is: one number for every program of it.
public enum Release {
  /// As semver.org writes it.
  public static let version = "0.1.0"
}
