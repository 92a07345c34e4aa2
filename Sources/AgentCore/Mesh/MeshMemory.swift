internal import Registry
internal import Replication

/// What a mesh starts from, beside the store.
struct MeshMemory: Sendable {
  let credential: [UInt8]
  let keyring: any Keyring
  let owners: [StoredOwner]
  let host: RegistryState.Options
}
