/// The decay of an average by time: e to the power of minus `age`, where `age` is counted in time constants.
///
/// Our own, because the standard library has no exponential and the path shall not call out for one. Right to six
/// digits; 0 from about 44 time constants on, and for what is no number.
@inlinable
func decay(age: Double) -> Double {
  // e^-age = 2^-halvings × e^-rest, with the rest within half a halving, where six terms of the series suffice.
  let exact = age * 1.442_695_040_888_963_4
  guard exact < 64 else { return 0 }
  let halvings = Int(max(exact, 0) + 0.5)
  let rest = (Double(halvings) - max(exact, 0)) * 0.693_147_180_559_945_3
  // Multiplied, for a division takes three times as long.
  var series = 1 + rest * (1.0 / 6)
  series = 1 + rest * (1.0 / 5) * series
  series = 1 + rest * (1.0 / 4) * series
  series = 1 + rest * (1.0 / 3) * series
  series = 1 + rest * (1.0 / 2) * series
  series = 1 + rest * series
  return series * Double(bitPattern: UInt64(1023 - halvings) &<< 52)
}
