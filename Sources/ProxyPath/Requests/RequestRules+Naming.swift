internal import MeshModel
internal import Policy

extension RequestRules: RequestNaming {
  func service(_ index: Int32) -> String? {
    table.ports.indices.contains(Int(index)) ? table.ports[Int(index)].fullName : nil
  }

  func route(_ index: Int32) -> String? {
    table.rules.indices.contains(Int(index)) ? table.rules[Int(index)].label : nil
  }

  func describe(_ verdict: RequestVerdict) -> RequestVerdictWords {
    let named = { (index: UInt16) in index == RequestVerdict.none ? nil : self.authorization.policyName(index) }
    return RequestVerdictWords(
      description: authorization.describe(verdict),
      dryRunPolicy: named(verdict.dryRunPolicy),
      auditPolicy: named(verdict.auditPolicy)
    )
  }
}
