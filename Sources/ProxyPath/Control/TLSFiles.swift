internal import Kernel
internal import MeshModel
internal import Policy
internal import TransportSecurity

/// The files that DestinationRules name: read when a rule comes that names them, and again when they change. The control
/// thread's own.
///
/// What was read goes on where a file cannot be used any more: a certificate and its key are seldom replaced at once.
final class TLSFiles {
  private(set) var material = TLSMaterial()
  /// What was in force of each file when it was read.
  private var stamps: [String: FileStamp] = [:]
  private var problems: [ClusterTLS: String] = [:]

  /// The largest file that is read: a bundle of all public authorities has a quarter of it.
  static let fileBytes = 1 << 20

  /// The files of all rules in force.
  var paths: Set<String> { Set(material.all.keys.flatMap(\.paths)) }

  /// What someone should look at.
  var warnings: [String] { problems.values.sorted() }

  /// Takes up the rules in force; whether there is other material now.
  func want(_ settings: Set<ClusterTLS>) -> Bool {
    guard Set(material.all.keys) != settings else { return false }
    material.all = material.all.filter { settings.contains($0.key) }
    problems = problems.filter { settings.contains($0.key) }
    for fresh in settings where material.all[fresh] == nil { material.all[fresh] = read(fresh) }
    note()
    return true
  }

  /// What a look at files came to.
  enum Outcome: Equatable {
    case read(String)
    case refused(String)
  }

  /// Reads again what has changed.
  func look() -> [Outcome] {
    let changed = Set(paths.filter { FileStamp(at: $0) != stamps[$0] })
    guard !changed.isEmpty else { return [] }
    var outcomes: [Outcome] = []
    for (settings, known) in material.all where !changed.isDisjoint(with: settings.paths) {
      let files = settings.paths.sorted().joined(separator: ", ")
      switch read(settings) {
      case .usable(let fresh):
        material.all[settings] = .usable(fresh)
        outcomes.append(.read(files))
      case .unusable(let reason):
        if case .unusable = known { material.all[settings] = .unusable(reason) }
        outcomes.append(.refused(reason))
      }
    }
    note()
    return outcomes
  }

  private func note() {
    stamps = [:]
    for path in paths { stamps[path] = FileStamp(at: path) }
  }

  private func read(_ settings: ClusterTLS) -> TLSMaterial.One {
    do throws(Problem) {
      let authorities = try Self.authorities(settings.authorities)
      let own = try settings.own.map { own throws(Problem) in try Self.own(own.chain, own.key) }
      problems[settings] = nil
      return .usable(TLSMaterial.Credentials(authorities, own: own))
    } catch {
      problems[settings] = error.text
      return .unusable(error.text)
    }
  }

  /// Which file, and what is wrong with it.
  private struct Problem: Error { let text: String }

  private static func authorities(_ path: String?) throws(Problem) -> AuthorityStore {
    guard let path else {
      do { return try AuthorityStore(ofHost: ()) } catch {
        throw Problem(text: "the authorities that the host trusts cannot be had: \(error)")
      }
    }
    let bytes = try contents(path)
    do { return try AuthorityStore(pem: bytes) } catch { throw Problem(text: "\(path): \(error)") }
  }

  private static func own(_ chain: String, _ key: String) throws(Problem) -> ClientCertificate {
    let (chainBytes, keyBytes) = (try contents(chain), try contents(key))
    do { return try ClientCertificate(chain: chainBytes, key: keyBytes) } catch {
      throw Problem(text: "\(chain) with \(key): \(error)")
    }
  }

  private static func contents(_ path: String) throws(Problem) -> [UInt8] {
    do { return try FileContents.read(path, limit: fileBytes) } catch {
      throw Problem(text: "\(path) cannot be read: \(error)")
    }
  }
}

extension ClusterTLS {
  /// The files that it names.
  fileprivate var paths: [String] { [authorities, own?.chain, own?.key].compactMap { $0 } }
}
