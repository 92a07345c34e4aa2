internal import MeshModel

/// The version of what captures, for `weft-capture --version`.
public enum CaptureVersion {
  /// As all programs of Weft have it.
  public static let text = Release.version
}
