import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("Package managers through two proxies")
struct ProgramsPackageTests {
  @Test("apt-get updates from a mirror and downloads twelve packages, whose sums it checks")
  func apt() throws {
    let scene = try ProgramsScene()
    let site = try ProgramsSite(in: scene.pods.server, on: scene.address)
    try Command(ProgramsScene.program("apt_repository.sh"), ["\(site.files.path)/debian", "12"]).run().orThrow()
    // Everything that apt reads or writes lies in here; the host's own state is neither seen nor changed.
    let home = try TemporaryDirectory()
    let configuration = """
      Dir "\(home.path)";
      Dir::State::status "\(home.path)/status";
      Dir::Etc::sourcelist "\(home.path)/sources.list";
      Dir::Etc::sourceparts "/dev/null";
      APT::Sandbox::User "root";
      Acquire::Retries "0";
      Acquire::http::Timeout "10";
      Acquire::http::Proxy "DIRECT";
      """
    try home.write("apt.conf", configuration)
    try home.write("sources.list", "deb [trusted=yes] \(scene.url)/debian ./\n")
    try home.write("status", "")
    let names = (1...12).map { "weft-test-\($0)" }.joined(separator: " ")
    let line = """
      cd \(home.path) && export APT_CONFIG=\(home.path)/apt.conf &&
      mkdir -p var/lib/apt/lists/partial var/cache/apt/archives/partial etc/apt/apt.conf.d etc/apt/preferences.d &&
      apt-get update && apt-get download \(names) && dpkg-deb --field weft-test-12_1.12_all.deb Version
      """
    let outcome = try scene.pods.client.shell(line).orThrow()
    #expect(outcome.output.hasSuffix("1.12\n"), "\(outcome)")
    #expect(!outcome.output.contains("Err:"), "\(outcome)")
    let files = try FileManager.default.contentsOfDirectory(atPath: home.path).filter { $0.hasSuffix(".deb") }
    #expect(files.count == 12)
    #expect(scene.complaints.isEmpty)
  }

  @Test("git clones a repository, file by file, and has every object")
  func git() throws {
    let scene = try ProgramsScene()
    let site = try ProgramsSite(in: scene.pods.server, on: scene.address)
    let home = try TemporaryDirectory()
    let line = """
      cd \(home.path) && git init -q work && cd work && git config user.name weft && git config user.email weft@test &&
      for number in $(seq 20); do seq "$number" >"file-$number" && git add . && git commit -qm "$number"; done &&
      git clone -q --bare . \(site.files.path)/work.git && cd \(site.files.path)/work.git && git update-server-info
      """
    let environment = ["GIT_CONFIG_NOSYSTEM": "1", "HOME": home.path]
    try Command("/bin/sh", ["-c", line]).with(\.environment, environment).run().orThrow()
    let clone = scene.pods.client.command("git", "clone", "-q", "\(scene.url)/work.git", home.file("clone"))
    try clone.with(\.environment, environment).run().orThrow()
    let check = Command("git", ["-C", home.file("clone"), "fsck", "--full", "--strict"])
    try check.with(\.environment, environment).run().orThrow()
    let file = try String(contentsOfFile: home.file("clone/file-20"), encoding: .utf8)
    #expect(file == (1...20).map { "\($0)\n" }.joined())
    #expect(scene.complaints.isEmpty)
  }

  @Test("pip installs a package and what it asks for from a simple index")
  func pip() throws {
    let scene = try ProgramsScene()
    let site = try ProgramsSite(in: scene.pods.server, on: scene.address)
    for name in ["weft_one", "weft_two"] {
      let directory = "\(site.files.path)/simple/\(name.replacing("_", with: "-"))"
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      try Command(ProgramsScene.python, [ProgramsScene.program("make_wheel.py"), directory, name, "1.0"]).run()
        .orThrow()
    }
    let home = try TemporaryDirectory()
    let outcome = try scene.pods.client.command(
      ProgramsScene.python,
      "-m",
      "pip",
      "--isolated",
      "--no-cache-dir",
      "--disable-pip-version-check",
      "install",
      "--retries",
      "0",
      "--index-url",
      "\(scene.url)/simple/",
      "--trusted-host",
      "\(scene.address.ip)",
      "--target",
      home.path,
      "weft-one",
      "weft-two==1.0"
    ).with(\.environment, ["PIP_CONFIG_FILE": "/dev/null"]).run(within: .seconds(60)).orThrow()
    #expect(outcome.output.contains("Successfully installed weft-one-1.0 weft-two-1.0"), "\(outcome)")
    #expect(try String(contentsOfFile: home.file("weft_two.py"), encoding: .utf8) == "VERSION = \"1.0\"\n")
    #expect(scene.complaints.isEmpty)
  }
}
