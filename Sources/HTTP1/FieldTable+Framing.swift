extension FieldTable {
  /// What Content-Length and Transfer-Encoding announce (RFC 9112 section 6). Whatever two readers could understand in
  /// two ways is refused, where the RFC leaves a choice too: equal Content-Lengths, and both fields at once.
  @inline(__always)
  func framing(minorVersion: UInt8) throws(HeadStop) -> RequestFraming {
    let names = FieldName.contentLength.bit | FieldName.transferEncoding.bit
    return present & names == 0 ? .none : try announcedFraming(minorVersion: minorVersion)
  }

  @inline(never)
  private func announcedFraming(minorVersion: UInt8) throws(HeadStop) -> RequestFraming {
    guard let coding = first(.transferEncoding) else {
      guard let length = first(.contentLength) else { return .none }
      guard !hasSeveral(.contentLength) else { throw .refused(.repeatedContentLength) }
      return .length(try contentLength(fields[length].value))
    }
    guard first(.contentLength) == nil else { throw .refused(.contentLengthWithTransferEncoding) }
    guard minorVersion > 0 else { throw .refused(.transferEncodingInOldVersion) }
    guard !hasSeveral(.transferEncoding) else { throw .refused(.repeatedTransferEncoding) }
    let value = fields[coding].value
    if value.count == 7, FixedText.isEqualIgnoringCase(base + Int(value.start), "chunked") {
      return .chunked
    }
    throw .refused(faultInCodings(value))
  }

  /// Digits only, up to 63 bits: a sign, a list, or a number that overflows is read differently by different programs.
  private func contentLength(_ value: ByteRange) throws(HeadStop) -> UInt64 {
    let digits = 19  // of 2^63 - 1
    guard !value.isEmpty, Int(value.count) <= digits else { throw .refused(.malformedContentLength) }
    var length: UInt64 = 0
    for index in Int(value.start)..<value.end {
      let digit = ByteScan.byte(base, index) &- 0x30
      guard digit < 10 else { throw .refused(.malformedContentLength) }
      length = length &* 10 &+ UInt64(digit)  // 19 digits cannot overflow 64 bits
    }
    guard length <= UInt64(Int64.max) else { throw .refused(.malformedContentLength) }
    return length
  }

  /// Why a Transfer-Encoding other than `chunked` is refused.
  private func faultInCodings(_ value: ByteRange) -> HeadFault {
    var elements = ListElements(base, value)
    var chunked = 0
    var isLastChunked = false
    while let element = elements.next() {
      guard !element.isEmpty, ByteSet.token.contains(ByteScan.byte(base, Int(element.start))) else {
        return .malformedTransferEncoding
      }
      var stop = Int(element.start)
      while stop < element.end, ByteSet.token.contains(ByteScan.byte(base, stop)) { stop &+= 1 }
      let coding = ByteRange(Int(element.start), to: stop)
      isLastChunked = coding.count == 7 && FixedText.isEqualIgnoringCase(base + Int(coding.start), "chunked")
      if isLastChunked {
        guard stop == element.end else { return .malformedTransferEncoding }  // chunked takes no parameters
        chunked &+= 1
      }
    }
    if chunked > 1 { return .repeatedTransferEncoding }
    return chunked == 0 || isLastChunked ? .unknownTransferCoding : .chunkedNotLast
  }
}
