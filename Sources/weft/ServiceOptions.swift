import ArgumentParser
import MeshDocuments
import MeshModel

/// A service of this host by options, as a service file says it.
struct ServiceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The service's name.", valueName: "name"))
  var name: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Its namespace; by default \"default\".", valueName: "name"))
  var namespace: String?

  @Option(help: ArgumentHelp("Which instance, where the host runs several.", valueName: "name"))
  var instance: String?

  @Option(help: ArgumentHelp("A port it listens on, of several with a name: sql:5432; repeatable.", valueName: "port"))
  var port: [String] = []

  @Option(help: ArgumentHelp("Where it listens; by default the host's addresses; repeatable.", valueName: "address"))
  var address: [String] = []

  @Option(
    help: ArgumentHelp(
      "How it is known to be well: tcp, http, http:/path, grpc, grpc:SERVICE, ttl:30s or script:/path; repeatable.",
      valueName: "check"
    )
  )
  var check: [String] = []

  @Option(help: ArgumentHelp("A label by which policies select it; repeatable.", valueName: "key=value"))
  var label: [String] = []

  @Option(help: ArgumentHelp("The account of its identity; by default \"default\".", valueName: "name"))
  var serviceAccount: String?

  /// Whether any of them is.
  var isGiven: Bool {
    [name, namespace, instance, serviceAccount].contains { $0 != nil }
      || [port, address, check, label].contains { !$0.isEmpty }
  }

  /// Holds the options to what service files must be, so that the agent is not asked in vain.
  func validateAsFile() throws {
    for label in label where !label.contains("=") { throw ValidationError("--label \(label) is not KEY=VALUE") }
    let reading = RegistrationDocuments.read([source])
    guard let issue = reading.issues.first(where: { $0.severity == .error }) else { return }
    throw ValidationError(issue.text)
  }

  /// A service file that says the same.
  var source: DocumentSource {
    let fields: [(String, ServiceValue?)] = [
      ("name", name.map { .text($0) }), ("namespace", namespace.map { .text($0) }),
      ("instance", instance.map { .text($0) }), ("serviceAccount", serviceAccount.map { .text($0) }),
      ("ports", port.isEmpty ? nil : .list(port.map(Self.port))),
      ("addresses", address.isEmpty ? nil : .list(address.map { .text($0) })),
      ("checks", check.isEmpty ? nil : .list(checks)),
      ("labels", label.isEmpty ? nil : .object(label.map(Self.label))),
    ]
    let document = ServiceValue.object(fields.compactMap { name, value in value.map { (name, $0) } })
    return DocumentSource(name: "<options>", bytes: Array(document.text.utf8))
  }

  private static func port(_ text: String) -> ServiceValue {
    guard let colon = text.lastIndex(of: ":") else { return .object([("port", .plain(text))]) }
    let name = String(text[..<colon])
    return .object([("name", .text(name)), ("port", .plain(String(text[text.index(after: colon)...])))])
  }

  private static func label(_ text: String) -> (String, ServiceValue) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    return (parts[0], .text(parts.count > 1 ? parts[1] : ""))
  }

  /// Of several each is named by what it does, and by its number where two do the same.
  private var checks: [ServiceValue] {
    guard check.count > 1 else { return check.map { Self.check($0, name: nil) } }
    var seen: [String: Int] = [:]
    return check.map { text in
      let kind = String(text.prefix { $0 != ":" })
      let count = seen[kind, default: 0] + 1
      seen[kind] = count
      return Self.check(text, name: count == 1 ? kind : "\(kind)-\(count)")
    }
  }

  private static func check(_ text: String, name: String?) -> ServiceValue {
    let kind = String(text.prefix { $0 != ":" })
    let rest = String(text.dropFirst(kind.count + 1))
    let hasRest = text.count > kind.count
    let named: [(String, ServiceValue)] = name.map { [("name", .text($0))] } ?? []
    let value: ServiceValue
    switch kind {
    case "tcp": value = hasRest ? .plain(rest) : .object([])
    case "grpc": value = hasRest ? .text(rest) : .object([])
    case "http": value = hasRest ? .text(rest) : .text("/")
    case "script": value = .list(rest.split(separator: " ").map { .text(String($0)) })
    default: value = .text(rest)
    }
    return .object(named + [(kind, value)])
  }
}

/// A value of a service file in the JSON form of YAML.
private indirect enum ServiceValue {
  case text(String)
  /// As it was written: what is no number is an error of the reader's, with its words.
  case plain(String)
  case list([ServiceValue])
  case object([(String, ServiceValue)])

  var text: String {
    switch self {
    case .text(let text): Self.quoted(text)
    case .plain(let text):
      text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } && !text.isEmpty
        ? text : Self.quoted(text)
    case .list(let values): "[\(values.map(\.text).joined(separator: ", "))]"
    case .object(let fields):
      "{\(fields.map { "\(Self.quoted($0.0)): \($0.1.text)" }.joined(separator: ", "))}"
    }
  }

  private static func quoted(_ text: String) -> String {
    // Of a text from a command line anything can be a part; what is not a letter or digit is written as a number.
    let scalars = text.unicodeScalars.map { scalar -> String in
      let digits = String(scalar.value, radix: 16)
      let isPlain =
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "-_./ ".contains(Character(scalar))
      return isPlain ? "\(scalar)" : "\\U\(String(repeating: "0", count: 8 - digits.count))\(digits)"
    }
    return "\"\(scalars.joined())\""
  }
}
