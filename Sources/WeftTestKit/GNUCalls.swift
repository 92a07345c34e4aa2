internal import Glibc

// Calls that glibc declares only under _GNU_SOURCE, which Swift's Glibc module does not define. CLinux belongs to
// Kernel alone, and the harness should not lean on the code it tests, so they are looked up by name.

private func lookUp<Function>(_ name: String, as type: Function.Type) -> Function {
  guard let address = dlsym(nil, name) else { preconditionFailure("glibc has no \(name)") }
  return unsafeBitCast(address, to: type)
}

/// setns(2): moves the calling thread into another namespace.
let setns = lookUp("setns", as: (@convention(c) (Int32, Int32) -> Int32).self)

/// pipe2(2): a pipe that no program spawned meanwhile by another thread can inherit.
let pipe2 = lookUp("pipe2", as: (@convention(c) (UnsafeMutablePointer<Int32>, Int32) -> Int32).self)

/// posix_spawn_file_actions_addclosefrom_np(3): the child has no descriptor from this one on.
let addCloseFrom = lookUp(
  "posix_spawn_file_actions_addclosefrom_np",
  as: (@convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32).self
)

/// CLONE_NEWNET of linux/sched.h.
let cloneNewNet: Int32 = 0x4000_0000
