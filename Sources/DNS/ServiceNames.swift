internal import MeshModel

/// The names of one service: its own, `_port._tcp` before it, and one for each endpoint where it has no virtual address.
struct ServiceNames {
  let service: Service
  /// The service's own name, as the question writes it.
  let name: DomainName
  let soa: ResourceRecord
  let rotation: UInt64

  init(_ service: Service, name: DomainName, soa: ResourceRecord, rotation: UInt64) {
    self.service = service
    self.name = name
    self.soa = soa
    self.rotation = rotation
  }

  private var isHeadless: Bool { service.addresses.isEmpty }

  /// `labels`: those before the service's name, in lower case.
  func answer(_ question: Question, _ labels: [String]) -> Zone.Answer {
    switch labels.count {
    case 0: return own(question)
    case 1:
      if labels[0] == "_tcp" { return service.ports.contains { !$0.name.isEmpty } ? .noData(soa) : missing("port") }
      return endpoint(question, labels[0])
    case 2:
      guard labels[1] == "_tcp", labels[0].hasPrefix("_"),
        let port = service.ports.first(where: { !$0.name.isEmpty && "_\($0.name)" == labels[0] })
      else { return missing("port \(labels[0]).\(labels[1])") }
      return locations(question, of: [port])
    default: return missing("name")
    }
  }

  private func missing(_ what: String) -> Zone.Answer {
    .nameError(soa, hint: "service \(service.fullName) has no such \(what)")
  }

  private func own(_ question: Question) -> Zone.Answer {
    switch question.type {
    case .a, .aaaa: addresses(question)
    case .srv: locations(question, of: service.ports)
    case .any: .records([MinimalAny.record(question.name)], additionals: [])
    default: .noData(soa)
    }
  }

  private func addresses(_ question: Question) -> Zone.Answer {
    let all = isHeadless ? service.readyAddresses : service.addresses
    let wanted = all.filter { $0.isIPv4 == (question.type == .a) }
      .rotated(by: rotation, limit: DNSLimit.endpointRecords)
    return records(wanted.map { record(question.name, .address($0)) })
  }

  /// One endpoint's name. It exists while the endpoint is ready.
  private func endpoint(_ question: Question, _ label: String) -> Zone.Answer {
    guard isHeadless, let address = EndpointLabel.address(label), service.readyAddresses.contains(address) else {
      return missing("endpoint \(label)")
    }
    let record = record(question.name, .address(address))
    if question.type == .any { return .records([MinimalAny.record(question.name)], additionals: []) }
    return records(record.data.type == question.type ? [record] : [])
  }

  /// SRV records of `ports`: the service's name and port, or each endpoint's where it has no virtual address.
  private func locations(_ question: Question, of ports: [Service.Port]) -> Zone.Answer {
    if question.type == .any { return .records([MinimalAny.record(question.name)], additionals: []) }
    guard question.type == .srv else { return .noData(soa) }
    guard isHeadless else {
      return records(
        ports.map { record(question.name, .srv(ServiceLocation(port: $0.port, target: name))) },
        additionals: service.addresses.map { record(name, .address($0)) }
      )
    }
    let places = ports.flatMap { $0.endpoints.filter(\.isReady).map(\.address) }
      .rotated(by: rotation, limit: DNSLimit.endpointRecords)
    var answers: [ResourceRecord] = []
    var additionals: [ResourceRecord] = []
    var seen: Set<IPAddress> = []
    for place in places {
      guard let target = name.prefixed(EndpointLabel.text(place.ip)) else { continue }
      answers.append(record(question.name, .srv(ServiceLocation(port: place.port, target: target))))
      if seen.insert(place.ip).inserted { additionals.append(record(target, .address(place.ip))) }
    }
    return records(answers, additionals: additionals)
  }

  private func records(_ answers: [ResourceRecord], additionals: [ResourceRecord] = []) -> Zone.Answer {
    answers.isEmpty ? .noData(soa) : .records(answers, additionals: additionals)
  }

  private func record(_ name: DomainName, _ data: RecordData) -> ResourceRecord {
    ResourceRecord(name, ttl_s: RecordTTL.service_s, data)
  }
}
