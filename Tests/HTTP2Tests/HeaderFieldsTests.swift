import HTTP2
import Testing

@Suite struct HeaderFieldsTests {
  @Test("The first field of a name is found by its whole name, and all are there in order")
  func lookUp() {
    let fields = HeaderFields([("a", "1"), ("ab", ""), ("a", "2"), ("", "empty")])
    #expect(fields["a"] == "1")
    #expect(fields["ab"] == "")
    #expect(fields["b"] == nil)
    #expect(fields[""] == "empty")
    #expect(fields.all.map { "\($0.name)=\($0.value)" } == ["a=1", "ab=", "a=2", "=empty"])
    #expect(fields.listBytes == 1 + 1 + 2 + 1 + 1 + 5 + 4 * 32)
  }
}
