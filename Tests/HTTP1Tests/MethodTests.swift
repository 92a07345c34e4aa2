import HTTP1
import Testing

@Suite struct MethodTests {
  @Test("Methods are recognised as they are written, and in no other case", arguments: Method.allCases)
  func recognised(method: Method) {
    guard method != .other else { return }
    let target = method == .connect ? "a:1" : "/"
    for (name, expected) in [
      ("\(method.text)", method), ("\(method.text)".lowercased(), .other), ("\(method.text)S", .other),
    ] {
      let target = expected == .other ? "/" : target
      withRequest("\(name) \(target) HTTP/1.1\r\nHost: a\r\n\r\n") { _, head in
        #expect(head.method == expected)
        #expect(text(head[head.methodRange]) == name)
      }
    }
  }

  @Test("Safe methods ask for nothing to change; idempotent ones may be repeated")
  func properties() {
    #expect(Method.allCases.filter(\.isSafe) == [.get, .head, .options, .trace])
    #expect(Method.allCases.filter(\.isIdempotent) == [.get, .head, .put, .delete, .options, .trace])
  }
}
