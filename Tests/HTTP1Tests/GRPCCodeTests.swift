import HTTP1
import Testing

@Suite("What a call of gRPC came to")
struct GRPCCodeTests {
  private func read(_ text: String) -> GRPCCode { Array(text.utf8).withUnsafeBytes { GRPCCode($0) } }

  @Test("is the number in grpc-status, 0 to 16")
  func numbers() {
    for code in GRPCCode.allCases { #expect(read("\(code.rawValue)") == code) }
    #expect(GRPCCode.allCases.map(\.rawValue) == Array(0...16))
    #expect(read("07") == .permissionDenied)
  }

  @Test(
    "is unknown where that is no number, or one without a meaning",
    arguments: ["", "17", "99", "-1", "1x", "100", " 0"]
  )
  func unknown(_ text: String) { #expect(read(text) == .unknown) }

  @Test(
    "follows from an HTTP status as gRPC's table has it",
    arguments: [
      (400, .internal), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented), (429, .unavailable),
      (502, .unavailable), (503, .unavailable), (504, .unavailable), (500, .unknown), (302, .unknown), (418, .unknown),
    ] as [(UInt16, GRPCCode)]
  )
  func statuses(_ status: UInt16, _ expected: GRPCCode) { #expect(GRPCCode(httpStatus: status) == expected) }

  @Test("is the server's failure for five of them, as for Linkerd")
  func failures() {
    #expect(GRPCCode.allCases.filter(\.isFailure).map(\.rawValue) == [2, 4, 13, 14, 15])
  }

  @Test("is found in any case of the name, in a head and among trailers")
  func found() {
    let head = withResponse("HTTP/1.1 200 OK\r\nGrpc-Status: 14\r\nContent-Length: 0\r\n\r\n") { _, head in
      head.fields.grpcCode
    }
    #expect(head == .unavailable)
    Array("grpc-message: no\r\ngrpc-status: 5\r\n\r\n".utf8).withUnsafeBytes { bytes in
      var table = FieldTable()
      let isRight = table.parse(trailers: bytes)
      #expect(isRight && table.grpcCode == .notFound)
      table.forget()
      #expect(table.count == 0 && table.grpcCode == nil)
    }
  }

  @Test(
    "is looked for where the content is gRPC's, whatever its messages are made of",
    arguments: [
      ("application/grpc", true), ("application/grpc+proto", true), ("application/grpc+json", true),
      ("Application/gRPC", true), ("application/grpc; charset=utf-8", true), ("application/grpc;a=b", true),
      ("application/grpc-web", false), ("application/grpc-web+proto", false), ("application/grpcs", false),
      ("application/grp", false), ("application/json", false), ("", false), ("text/application/grpc", false),
    ]
  )
  func content(_ type: String, _ expected: Bool) {
    let found = withResponse("HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nContent-Length: 0\r\n\r\n") { _, head in
      head.isGRPC
    }
    #expect(found == expected)
    #expect(!withResponse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") { _, head in head.isGRPC })
  }
}
