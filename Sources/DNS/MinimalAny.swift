/// What a question for ANY is answered with: one small record that says so (RFC 8482 section 4.2). All records in one
/// answer help nobody but those who make others' servers send much to a third.
enum MinimalAny {
  static func record(_ name: DomainName, ttl_s: UInt32 = RecordTTL.service_s) -> ResourceRecord {
    let text = Array("RFC8482".utf8)
    return ResourceRecord(name, ttl_s: ttl_s, .other(.hinfo, [UInt8(text.count)] + text + [0]))
  }
}
