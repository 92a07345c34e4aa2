/// What is wrong with a row, told from where it is looked at; the store adds of which database.
enum RowFault: Error {
  /// It does not hold what was written.
  case damaged(String)
  /// It is beyond a bound, and is not written.
  case refused(String)
}
