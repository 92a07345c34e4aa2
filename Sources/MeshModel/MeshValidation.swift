enum MeshValidation {
  static func check(_ mesh: MeshConfiguration) throws(SnapshotError) {}
}
