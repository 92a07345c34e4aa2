import Journal
import Testing

@Suite struct EventKindTests {
  @Test("Every event has a MESSAGE_ID of 128 bits and a name that no other has")
  func distinct() {
    let identifiers = EventKind.allCases.map(\.messageID)
    #expect(Set(identifiers).count == identifiers.count)
    #expect(identifiers.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy(\.isHexDigit) && $0 == $0.lowercased() })
    #expect(Set(EventKind.allCases.map(\.name)).count == EventKind.allCases.count)
  }

  @Test("MESSAGE_IDs never change, since people search by them")
  func fixed() {
    #expect(EventKind.connectionClosed.messageID == "46cbd5b1b473497587d771a01d852587")
    #expect(EventKind.connectionDenied.messageID == "429d3d5a6c6c46ed8cdc7c9d408c4315")
    #expect(EventKind.connectionFailed.messageID == "9422c133a6b94c95a8eec28972c6ba8c")
    #expect(EventKind.request.messageID == "17390de499504a04a56663c29135709d")
    #expect(EventKind.requestDenied.messageID == "66318664a6d44f46b7f918831af265ae")
    #expect(EventKind.requestFailed.messageID == "f5426268e3234427adb8862ae6e1136b")
    #expect(EventKind.entriesDropped.messageID == "35b3cc3c756e47bbac8d97b64b66c22b")
  }
}
