import HTTP1
import MeshModel
import Policy
import Tokens

/// Bytes as a token, as the claims of one, or as a request that may carry one, by the first byte: nothing of it was
/// signed by the key, so nothing of it may ever be taken for right.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = UnsafeRawBufferPointer(start: start, count: count)
  guard let kind = input.first else { return 0 }
  let rest = UnsafeRawBufferPointer(rebasing: input.dropFirst())
  switch kind % 3 {
  case 0: refuse(rest)
  case 1:
    let token = header + base64url(rest) + signature
    token.withUnsafeBytes { refuse($0) }
  default: request(rest)
  }
  return 0
}

/// `{"alg":"ES256"}` and a signature of 64 zeros, with the dots between them and the payload.
private let header = Array("eyJhbGciOiJFUzI1NiJ9.".utf8)
private let signature = Array(".".utf8) + [UInt8](repeating: UInt8(ascii: "A"), count: 86)

/// The public point of a key whose private half is gone.
private let key = JSONWebKey(
  .p256(
    x: [
      0x96, 0x0b, 0x60, 0x80, 0x8e, 0x3f, 0xaa, 0x53, 0xf3, 0xc7, 0x1d, 0x4d, 0x23, 0x49, 0xfd, 0xf6,
      0x2d, 0xf3, 0xb7, 0x72, 0xe3, 0x6c, 0x15, 0xad, 0xe1, 0xee, 0xda, 0x19, 0x20, 0x86, 0x45, 0x61,
    ],
    y: [
      0x70, 0xfe, 0x3f, 0x96, 0x6f, 0x36, 0x12, 0x47, 0x05, 0xfc, 0xaa, 0xd3, 0x88, 0x59, 0xb2, 0xb7,
      0x5e, 0x21, 0x13, 0x28, 0xf7, 0xd1, 0xa5, 0xab, 0xa5, 0x36, 0x33, 0x63, 0x17, 0x8e, 0x61, 0xce,
    ]
  )
)

private let verifier = TokenVerifier(
  [
    RequestAuthentication(
      namespace: Workload.defaultNamespace,
      name: "fuzz",
      rules: [
        RequestAuthentication.Rule(issuer: "https://id.example", keys: [key]),
        RequestAuthentication.Rule(
          issuer: "i",
          keys: [key],
          fromHeaders: [RequestAuthentication.HeaderLocation(name: "x-token", prefix: "T ")],
          fromParameters: ["t"]
        ),
      ]
    )
  ],
  for: .unlabelled
)

private func refuse(_ token: UnsafeRawBufferPointer) {
  precondition(verifier.problems.isEmpty)
  guard case .refused = verifier.verify(token, now_s: 1_700_001_800) else {
    preconditionFailure("an unsigned token passed")
  }
}

private func request(_ bytes: UnsafeRawBufferPointer) {
  var head = RequestHead()
  guard case .whole = head.parse(bytes), case .found(let found) = verifier.locator.find(in: head) else { return }
  if case .parameter(let cut) = found.place {
    let query = Int(head.query.start)..<head.query.end
    precondition(Int(cut.start) >= query.lowerBound - 1 && cut.end <= query.upperBound)
  }
  let cache = TokenCache(seed: 1)
  for _ in 0..<2 {
    guard case .refused = cache.verify(found, with: verifier, now_s: 1_700_001_800) else {
      preconditionFailure("an unsigned token passed")
    }
  }
}

private func base64url(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
  var text: [UInt8] = []
  var pending = 0
  var bits = 0
  for byte in bytes {
    pending = pending << 8 | Int(byte)
    bits += 8
    while bits >= 6 {
      bits -= 6
      text.append(alphabet[pending >> bits & 0x3f])
    }
    pending &= 1 << bits - 1
  }
  if bits > 0 { text.append(alphabet[pending << (6 - bits) & 0x3f]) }
  return text
}
