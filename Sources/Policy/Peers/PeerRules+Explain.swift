public import MeshModel

extension PeerRules {
  /// Decides as `decide` does, by walking the documents instead of what was compiled of them, and tells what each had to say.
  /// For people: it allocates as it likes.
  public func explain(
    port: UInt16,
    identity: SPIFFEID?,
    isBetweenMeshed: Bool,
    now_s: Int64
  ) -> PeerExplanation {
    var deciding: (index: Int, mode: PeerAuthentication.Mode)?
    var parts: [PeerExplanation.Part] = []
    let order = documents.indices.filter { documents[$0].selects(workload) }.sorted { left, right in
      let (left, right) = (documents[left], documents[right])
      return (left.reach, left.created_s, left.namespace, left.name)
        < (right.reach, right.created_s, right.namespace, right.name)
    }
    var reaches: Set<PeerAuthentication.Reach> = []
    for index in order {
      let document = documents[index]
      guard reaches.insert(document.reach).inserted else {
        parts.append(.init(policy: document.fullName, reason: "an older one is for the same workload, and is followed"))
        continue
      }
      var (mode, reason) = document.says(at: port)
      if let end_s = document.expires_s, end_s <= now_s, mode?.isException == true {
        // An exception of a port that has ended leaves what the document says of all.
        if document.mode == .strict {
          (mode, reason) = (.strict, "\(reason), which has ended, and STRICT for all ports")
        } else {
          (mode, reason) = (nil, "\(reason), which has ended")
        }
      }
      if deciding == nil, let mode {
        deciding = (index, mode)
      } else if mode != nil {
        reason += "; a narrower document has decided"
      }
      parts.append(.init(policy: document.fullName, reason: reason))
    }
    return PeerExplanation(
      identity: identity?.description ?? "",
      isMeshed: isBetweenMeshed,
      verdict: describe(verdict(identity, deciding, isBetweenMeshed)),
      documents: parts
    )
  }

  private func verdict(
    _ identity: SPIFFEID?,
    _ deciding: (index: Int, mode: PeerAuthentication.Mode)?,
    _ isBetweenMeshed: Bool
  ) -> PeerVerdict {
    guard identity == nil else { return PeerVerdict(.identified) }
    guard let deciding else { return PeerVerdict(isBetweenMeshed ? .strictByDefault : .stranger) }
    let reasons: [PeerAuthentication.Mode: PeerVerdict.Reason] = [
      .strict: .strict, .permissive: .permissive, .disable: .disabled,
    ]
    return PeerVerdict(reasons[deciding.mode] ?? .strict, policy: UInt16(deciding.index))
  }
}

extension PeerAuthentication {
  /// What it says of a port, and that as a clause.
  fileprivate func says(at port: UInt16) -> (Mode?, String) {
    let whose = ["its workload", "its namespace", "the mesh"][Int(reach.rawValue)]
    if let own = ports.first(where: { $0.port == port }), let mode = own.mode {
      return (mode, "says \(mode.rawValue) for port \(port)")
    }
    return mode.map { ($0, "says \($0.rawValue) for \(whose)") } ?? (nil, "says nothing for \(whose)")
  }
}
