internal import Registry

/// A file of the services' directory, and what it registers.
struct ServiceFile: Sendable {
  let path: String
  let registrations: [Registration]
}
