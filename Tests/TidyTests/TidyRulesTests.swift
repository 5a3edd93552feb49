import Testing

/// Every rule must be able to fail: a rule that never complains holds nothing.
@Suite struct TidyRulesTests {
    private func file(_ text: String, _ path: String = "Sources/DripCore/Rules/Gap.swift") -> Repository.File {
        Repository.File(path: path, text: text)
    }

    @Test(arguments: [
        ("DripCore", "import Yams", 1), ("DripCore", "import Dispatch", 1), ("DripCore", "import Foundation", 0),
        ("DripMessages", "import Glibc", 1), ("DripHTTP", "package import DripEngine", 1),
        ("DripStoreSQLite", "import DripDelivery", 1), ("DripStoreSQLite", "package import DripStore\nimport GRDB", 0),
        ("DripEngine", "import DripStoreSQLite", 1), ("DripEngine", "import Dispatch\nimport DripCore", 0),
        ("DripEngine", "import dripd", 1), ("dripd", "import ArgumentParser", 0), ("DripCore", "// import Yams", 0),
        ("DripEngine", "import LeftPad", 1), ("DripNew", "import DripCore", 1),
        ("DripBenchEngine", "import DripStoreSQLite", 0),
        ("DripBench", "import dripd", 1),
        ("DripMessages", "import struct Yams.Node", 1), ("DripCampaigns", "@testable import DripStore", 1),
    ])
    func imports(target: String, text: String, complaints: Int) {
        #expect(TidyRules.imports(file(text, "Sources/\(target)/A.swift")).count == complaints)
    }

    @Test(arguments: [
        ("let now = Date()", 1), ("let now = Date.now", 1), ("let n = Int.random(in: 0..<3)", 1),
        ("var g = SystemRandomNumberGenerator()", 1), ("let c = ContinuousClock()", 1),
        ("clock_gettime(CLOCK_REALTIME, &t)", 1), ("DispatchQueue.main", 1), ("func step() async {}", 1),
        ("let x = await y", 1), ("Task { }", 1), ("Task.sleep(1)", 1), ("Thread.sleep(1)", 1), ("actor A {}", 1),
        ("let id = UUID()", 1), ("a.shuffled()", 1),
        ("let a = \"\\(Date())\"", 1), ("// Date() would read a clock", 0), ("let a = \"await the Task\"", 0),
        ("let asynchronous = 1", 0), ("let d = Date(timeIntervalSince1970: 0)", 0), ("let multitask = 2", 0),
    ])
    func purity(code: String, complaints: Int) {
        #expect(TidyRules.purity(file(code)).count == complaints)
    }

    @Test func purityReachesTheEngineOnlyInItsStep() {
        #expect(TidyRules.isPure("Sources/DripEngine/Step/Step.swift"))
        #expect(TidyRules.isPure("Sources/DripCampaigns/Loader.swift"))
        #expect(!TidyRules.isPure("Sources/DripEngine/Shell/Alarm.swift"))
        #expect(!TidyRules.isPure("Sources/DripStoreSQLite/Store.swift"))
    }

    @Test(arguments: [
        ("FileManager.default", 1), ("try Data(contentsOf: url)", 1), ("a.append(contentsOf: b)", 0), ("print(1)", 1),
        ("// print(1)", 0),
        ("let fingerprint = 1", 0),
    ])
    func noInputOrOutput(code: String, complaints: Int) {
        #expect(TidyRules.noInputOrOutput(file(code)).count == complaints)
    }

    @Test(arguments: [("try! a()", 1), ("a as! B", 1), ("fatalError(\"no\")", 1), ("try? a()", 0), ("a as? B", 0)])
    func shortcuts(code: String, complaints: Int) {
        #expect(TidyRules.shortcuts(file(code)).count == complaints)
    }

    @Test func unfinished() {
        #expect(TidyRules.unfinished(file("// TO" + "DO:later")).count == 1)
        #expect(TidyRules.unfinished(file("/// FIX" + "ME")).count == 1)
        #expect(TidyRules.unfinished(file("let todos = 1")).isEmpty)
    }

    @Test(arguments: [
        ("final class A: @unchecked Sendable {}", 1), ("nonisolated(unsafe) var a = 1", 1),
        ("// SAFETY: only its queue touches it.\nfinal class A: @unchecked Sendable {}", 0),
        ("// SAFETY: a.\n//\n//\n//\nfinal class A: @unchecked Sendable {}", 0),
        ("// SAFETY: a.\n\n\n\n\nfinal class A: @unchecked Sendable {}", 1), ("// @unchecked Sendable is bad", 0),
    ])
    func proofs(code: String, complaints: Int) {
        #expect(TidyRules.proofs(file(code)).count == complaints)
    }

    @Test func size() {
        #expect(TidyRules.size(file(String(repeating: "a\n", count: 449))).isEmpty)
        #expect(TidyRules.size(file(String(repeating: "a\n", count: 450))).count == 1)
    }

    @Test(arguments: [
        ("struct EventManager {}", 1), ("enum StringUtils {}", 1), ("func jobCount() {}", 1), ("let taskID = 1", 1),
        ("case subscriber", 1), ("let smtpHelper = 1", 1), ("extension FileManager {}", 0), ("// a manager", 0),
        ("let contactless = 1", 0), ("var jobs: [Int]", 1), ("let wasDelivered = true", 1), ("struct Delivery {}", 0),
    ])
    func vocabulary(code: String, complaints: Int) {
        #expect(TidyRules.vocabulary(file(code)).count == complaints)
    }

    @Test func vocabularyReadsFileNamesToo() {
        #expect(TidyRules.vocabulary(file("", "Sources/DripCore/DateUtils.swift")).count == 1)
        #expect(TidyRules.parts("SMTPDialogueManager2.swift") == ["smtp", "dialogue", "manager", "swift"])
    }

    @Test func untested() {
        let paths = [
            "Sources/DripCore/Rules/Gap.swift", "Sources/DripCore/Time/Zone.swift", "Sources/DripCore/Model/A.swift",
        ]
        #expect(TidyRules.untested(paths).count == 2)
        #expect(TidyRules.untested(paths + ["Tests/DripCoreTests/Rules/GapTests.swift"]).count == 1)
    }

    @Test func opening() {
        #expect(TidyRules.opening(file("/// At most N.\nstruct A {}")).isEmpty)
        #expect(TidyRules.opening(file("package import Foundation\n\n/// At most N.\nstruct A {}")).isEmpty)
        #expect(TidyRules.opening(file("import Foundation\nstruct A {}\n/// late")).count == 1)
    }

    @Test func topLevel() {
        #expect(TidyRules.topLevel(["README.md", ".ci", "Sources", ".yamllint"]).isEmpty)
        #expect(TidyRules.topLevel(["notes.txt", "Makefile"]).count == 2)
    }

    @Test func places() {
        let root = "/srv/builds/dripd"
        #expect(TidyRules.places(file("see /srv/builds/dripd/x"), root: root).count == 1)
        #expect(TidyRules.places(file("cat \"/ho" + "me/sari/leads.csv\""), root: root).count == 1)
        #expect(TidyRules.places(file("ls /ro" + "ot/x"), root: root).count == 1)
        #expect(TidyRules.places(file("https://example.com/home/page and /var/lib/dripd"), root: root).isEmpty)
    }

    @Test func codeWithoutComments() {
        #expect(SwiftCode.only("a // b\nc") == "a     \nc")
        #expect(SwiftCode.only("a /* b /* c */ d */ e").filter { $0 != " " } == "ae")
        #expect(SwiftCode.only("f(\"x \\(g(\"y\")) z\")").filter { $0 != " " } == "f(g())")
        #expect(SwiftCode.only("#\"a \\(b) \" \"#c").filter { $0 != " " } == "c")
        #expect(SwiftCode.only("\"\"\"\n a \" b\n\"\"\"c").filter { $0 != " " } == "\n\nc")
        #expect(SwiftCode.only("\"a\\\"b\"c").filter { $0 != " " } == "c")
    }
}
