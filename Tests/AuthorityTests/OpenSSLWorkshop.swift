import Foundation
import Testing
import WeftTestKit

@testable import Authority

/// Certificates and requests that our own maker would not make, by OpenSSL, with our authority's keys where needed.
struct OpenSSLWorkshop {
  let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write("empty.cnf", "[req]\ndistinguished_name = name\n[name]\n")
  }

  /// A certificate and its key, in files.
  struct Made {
    var certificate: String
    var key: String
    var der: [UInt8]
  }

  /// The file of a key made by `openssl genpkey` with these options.
  func key(_ options: [String] = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]) throws -> String {
    let file = directory.file("key-\(UUID())")
    try Command("openssl", ["genpkey"] + options + ["-out", file]).run().orThrow()
    return file
  }

  /// A certificate of ours with its key, as files.
  func written(_ certificate: StoredCertificate, _ key: CertificateKey) throws -> Made {
    let summary = try #require(CertificateSummary(der: certificate.der))
    return Made(
      certificate: try directory.write("certificate-\(UUID())", summary.pem),
      key: try directory.write("key-\(UUID())", Self.pem("PRIVATE KEY", key.pkcs8.bytes)),
      der: certificate.der
    )
  }

  /// A certificate with exactly these extensions, signed by `issuer` or by itself; valid for a week from the machine's now.
  func certificate(
    _ extensions: [String],
    by issuer: Made? = nil,
    subject: String = "/CN=made by openssl",
    key options: [String]? = nil
  ) throws -> Made {
    let key = try options.map { try self.key($0) } ?? self.key()
    let file = directory.file("certificate-\(UUID())")
    var arguments = ["req", "-x509", "-new", "-config", directory.file("empty.cnf"), "-key", key, "-subj", subject]
    arguments += ["-days", "7", "-out", file]
    if let issuer { arguments += ["-CA", issuer.certificate, "-CAkey", issuer.key] }
    for item in extensions { arguments += ["-addext", item] }
    try Command("openssl", arguments).run().orThrow()
    return Made(certificate: file, key: key, der: try Self.der(file, "CERTIFICATE"))
  }

  /// DER of a certificate signing request.
  func request(_ extensions: [String] = [], key options: [String]? = nil) throws -> [UInt8] {
    let key = try options.map { try self.key($0) } ?? self.key()
    let file = directory.file("request-\(UUID())")
    var arguments = ["req", "-new", "-config", directory.file("empty.cnf"), "-key", key, "-subj", "/CN=admin"]
    arguments += ["-out", file]
    for item in extensions { arguments += ["-addext", item] }
    try Command("openssl", arguments).run().orThrow()
    return try Self.der(file, "CERTIFICATE REQUEST")
  }

  /// The bytes of the PEM document in `file`.
  static func der(_ file: String, _ type: String) throws -> [UInt8] {
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("-----") }
    #expect(text.contains("BEGIN \(type)"))
    return Array(try #require(Data(base64Encoded: lines.joined())))
  }

  static func pem(_ type: String, _ der: [UInt8]) -> String {
    "-----BEGIN \(type)-----\n\(Data(der).base64EncodedString(options: .lineLength64Characters))\n-----END \(type)-----\n"
      .replacingOccurrences(of: "\r\n", with: "\n")
  }
}
