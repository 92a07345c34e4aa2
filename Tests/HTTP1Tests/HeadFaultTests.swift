import HTTP1
import Testing

@Suite struct HeadFaultTests {
  @Test("Every fault has a text of its own that can stand in a field or a label")
  func texts() {
    let texts = HeadFault.allCases.map { "\($0.text)" } + BodyFault.allCases.map { "\($0.text)" }
    #expect(Set(texts).count == texts.count)
    for text in texts { #expect(text.wholeMatch(of: #/[a-z0-9]+(-[a-z0-9]+)*/#) != nil, "\(text)") }
  }

  @Test("The status says whose fault it is, and which limit was passed")
  func statuses() {
    #expect(HeadFault.targetTooLong.status == 414)
    #expect(HeadFault.tooManyFields.status == 431 && HeadFault.headTooLarge.status == 431)
    #expect(HeadFault.methodTooLong.status == 501 && HeadFault.unknownTransferCoding.status == 501)
    #expect(HeadFault.unsupportedVersion.status == 505)
    #expect(HeadFault.bareLF.status == 400 && HeadFault.repeatedContentLength.status == 400)
  }
}
