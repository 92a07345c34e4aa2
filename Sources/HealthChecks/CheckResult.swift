public import Registry

/// What came of a run: the arguments of `RegistryState.checkResult`.
public struct CheckResult: Hashable, Sendable {
  /// Which run.
  public let id: CheckRun.ID
  /// How it went.
  public let outcome: CheckOutcome
  /// One line that says what was asked and what was found, then what the program itself said; at most
  /// `RegistryLimit.outputBytes`.
  public let output: String
}
