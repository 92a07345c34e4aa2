import Testing
import WeftTestKit

@testable import HTTP2

@Suite("Where a session is among the other side's frames")
struct FramePositionTests {
  private typealias Frame = HTTP2Frame

  /// What stands at each byte: whether something is begun, of a list, and heard.
  private func walk(_ bytes: [UInt8], isServer: Bool = true, piece: Int = 1) -> [(
    amidst: Bool, list: Bool, heard: Bool
  )] {
    var position = FramePosition(isServer: isServer)
    return stride(from: 0, to: bytes.count, by: piece).map { start in
      bytes[start..<min(start + piece, bytes.count)].withUnsafeBytes { position.advance(over: $0) }
      return (position.isAmidst, position.isInList, position.hasFrame)
    }
  }

  @Test("is in its midst from the first byte of a preface or frame to the one before the last, whatever it is")
  func ends() {
    let frames = [
      Frame(Frame.settings).bytes, Frame(Frame.ping, Array(repeating: 1, count: 8)).bytes,
      Frame(0xfa, stream: 7, Array(repeating: 2, count: 300)).bytes, Frame(Frame.data, stream: 1).bytes,
    ]
    for (index, frame) in frames.enumerated() {
      let states = walk(frame, isServer: false)
      #expect(states.dropLast().allSatisfy { $0.amidst && !$0.heard }, "\(index)")
      #expect(states.last?.amidst == false && states.last?.heard == true, "\(index)")
    }
    let whole = Frame.preface + frames.joined()
    let states = walk(whole)
    let isAmidst = states[0..<23].allSatisfy { $0.amidst }
    #expect(isAmidst)
    // The preface alone is whole, and is no frame.
    #expect(!states[23].amidst && !states[23].heard)
    #expect(states.filter { !$0.amidst }.count == 1 + frames.count)
    for piece in [2, 7, 9, 64, whole.count] {
      #expect(walk(whole, piece: piece).last?.amidst == false, "\(piece)")
    }
  }

  @Test("is in a list until the frame that ends it is whole, also between two of its frames")
  func lists() {
    let begin = Frame(Frame.headers, stream: 1, [1, 2, 3]).bytes
    let end = Frame(Frame.continuation, flags: FrameType.endHeadersFlag, stream: 1, [4]).bytes
    let states = walk(begin + end, isServer: false)
    let isInList = states[8..<(begin.count + end.count - 1)].allSatisfy { $0.list }
    #expect(isInList)
    #expect(states[begin.count - 1].amidst && states.last?.list == false && states.last?.amidst == false)
    var position = FramePosition(isServer: false)
    for _ in 0..<3 { (begin + end).withUnsafeBytes { position.advance(over: $0) } }
    #expect(position.lists == 3)
  }
}
