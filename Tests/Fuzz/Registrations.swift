import FoundationEssentials
import MeshDocuments
import Registry

/// Any bytes as a service file: refused with an issue, or registrations that are right, come back from JSON as they were,
/// and can be registered or are refused with a reason.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let reading = RegistrationDocuments.read([DocumentSource(name: "f", bytes: bytes)])
  precondition(!reading.registrations.isEmpty || !reading.issues.isEmpty)
  var state = RegistryState(.init(hostAddresses: []))
  var random = SystemRandomNumberGenerator()
  for registration in reading.registrations {
    precondition((try? registration.validate()) != nil)
    let json = try? JSONEncoder().encode(registration)
    precondition(json.flatMap { try? JSONDecoder().decode(Registration.self, from: $0) } == registration)
    _ = try? state.register(registration, owner: .file("f"), now_ms: 1, using: &random)
  }
  precondition(state.tick(now_ms: 1, using: &random).count <= RegistryLimit.runningChecks)
  return 0
}
