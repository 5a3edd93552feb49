import Foundation

/// The house rules of `docs/architecture.md`, each a function from files to complaints, so that each can be shown to fail.
enum TidyRules {
    typealias File = Repository.File

    // MARK: Who may import whom

    /// The targets of this package, and which of them each may import: back ends never meet each other.
    static let house: [String: Set<String>] = [
        // Test doubles and the conformance suite know protocols, never a back end.
        "DripTesting": ["DripCore", "DripStore"],
        "CCurl": [],
        "CCMark": [],
        "CGMime": [],
        "DripCore": [],
        "DripCampaigns": ["DripCore"],
        "DripMessages": ["DripCore", "CCMark"],
        "DripReturns": ["DripCore", "CGMime"],
        "DripStore": ["DripCore"],
        "DripStoreSQLite": ["DripCore", "DripStore"],
        "DripDelivery": ["DripCore", "CCurl"],
        "DripEngine": ["DripCore", "DripCampaigns", "DripMessages", "DripStore", "DripDelivery"],
        "DripHTTP": ["DripCore", "DripMessages"],
        // Another shell around the engine: it opens the real store, as the binary does.
        "DripSimulator": [
            "DripCore", "DripCampaigns", "DripMessages", "DripStore", "DripStoreSQLite", "DripEngine", "DripTesting",
        ],
        "DripdSim": ["DripSimulator"],
        "dripd": [
            "DripCore", "DripCampaigns", "DripMessages", "DripStore", "DripStoreSQLite", "DripDelivery", "DripEngine",
            "DripHTTP", "DripReturns",
        ],
    ]

    /// Packages from elsewhere, and which targets may know of them.
    static let guests: [String: Set<String>] = [
        "Yams": ["DripCampaigns"],
        "GRDB": ["DripStoreSQLite"],
        "GRDBSQLite": ["DripStoreSQLite", "DripBenchStore", "DripSimulator"],
        "Crypto": ["DripMessages", "DripStoreSQLite", "DripDelivery", "DripEngine", "DripHTTP"],
        "CryptoExtras": ["DripMessages"],
        "Logging": ["DripEngine", "DripHTTP", "dripd"],
        "Metrics": ["DripEngine", "dripd"],
        "CoreMetrics": ["DripEngine", "DripHTTP", "dripd"],
        "Hummingbird": ["DripHTTP"],
        "HummingbirdCore": ["DripHTTP"],
        "HTTPTypes": ["DripHTTP"],
        "NIOCore": ["DripHTTP"],
        "NIOHTTPTypes": ["DripHTTP"],
        "NIOPosix": ["DripHTTP"],
        "ServiceLifecycle": ["DripHTTP", "dripd"],
        "ArgumentParser": ["dripd", "DripdSim"],
    ]

    /// The rules themselves: no clock, no randomness, nothing that runs by itself.
    static let pureTargets: Set<String> = ["DripCore", "DripStore", "DripCampaigns", "DripMessages", "DripReturns"]
    static let systemModules: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization",
    ]

    /// What pure code may import of them: no clock in sight, or checked word by word below.
    static let harmlessModules: Set<String> = ["Foundation", "FoundationEssentials", "Synchronization"]

    static func imports(_ file: File) -> [String] {
        // The benchmarks (`DripBench…`) measure rooms from outside: they may open what the binary may.
        guard let name = target(of: file) else { return ["\(file.path): it lies in no target"] }
        let target = name.hasPrefix("DripBench") ? "dripd" : name
        guard let allowed = house[target] else { return ["\(file.path): its target is not in the table of targets"] }
        return imported.matches(in: file.code).compactMap { match in
            let module = match.text
            let place = "\(file.path):\(match.line): \(target) must not import \(module)"
            if systemModules.contains(module) {
                return pureTargets.contains(target) && !harmlessModules.contains(module) ? place : nil
            }
            if house[module] != nil { return allowed.contains(module) ? nil : place }
            guard let hosts = guests[module] else { return "\(place): nobody decided for that package" }
            return hosts.contains(target) || hosts.contains(name) ? nil : place
        }
    }

    /// `@testable package import struct DripCore.Instant` and all shorter forms.
    private static let imported = Pattern(
        #"^\s*(?:@\w+\s+)*(?:(?:package|public|internal|private|fileprivate)\s+)?import\s+"#
            + #"(?:(?:struct|class|enum|protocol|func|typealias|var|let)\s+)?(\w+)"#)

    // MARK: No clock, no randomness, no concurrency

    static func isPure(_ path: String) -> Bool {
        pureTargets.contains { path.hasPrefix("Sources/\($0)/") } || path.hasPrefix("Sources/DripEngine/Step/")
    }

    static func purity(_ file: File) -> [String] {
        complaints(clockwork, in: file) { "no clock, randomness, concurrency here: \($0)" }
    }

    private static let clockwork = Pattern(
        [
            #"\bDate(?:\(\)|\.now\b|\(timeIntervalSinceNow)"#, #"\b(?:ContinuousClock|SuspendingClock)\b"#,
            #"\b(?:clock_gettime|gettimeofday|CFAbsoluteTimeGetCurrent)\b"#, #"\btime\(nil\)"#,
            #"\.(?:random|randomElement|shuffled|shuffle)\("#, #"\bSystemRandomNumberGenerator\b"#, #"\bUUID\(\)"#,
            #"\b(?:arc4random\w*|drand48|rand|random)\(\)"#, #"\bDispatch\w*"#, #"\b(?:async|await|actor)\b"#,
            #"\b(?:Task|Thread|ProcessInfo)\b"#,
        ].joined(separator: "|"))

    /// `DripCore` knows no files: what it judges comes in as arguments.
    static func noInputOrOutput(_ file: File) -> [String] {
        complaints(doors, in: file) { "no input or output in DripCore: \($0)" }
    }

    private static let doors = Pattern(
        #"\b(?:FileManager|FileHandle|URLSession|fopen|print)\b|\b(?:Data|String)\(contentsOf"#)

    // MARK: Care

    static func shortcuts(_ file: File) -> [String] {
        complaints(force, in: file) { "say what happens instead: \($0)" }
    }

    private static let force = Pattern(#"\btry!|\bas!|\bfatalError\("#)

    static func unfinished(_ file: File) -> [String] {
        promises.matches(in: file.text).map { "\(file.path):\($0.line): unfinished: \($0.text)" }
    }

    private static let promises = Pattern(#"\b(?:TO[D]O|FIX[M]E|XX[X])\b"#)

    /// Whoever silences the compiler proves beside it, in a `SAFETY:` comment within the four lines above, that it may.
    static func proofs(_ file: File) -> [String] {
        let written = lines(file.text)
        return silencers.matches(in: file.code).compactMap { match in
            let above = written[max(0, match.line - 5)..<match.line]
            return above.contains { $0.contains("// SAFETY:") }
                ? nil : "\(file.path):\(match.line): no SAFETY: proof above"
        }
    }

    private static let silencers = Pattern(#"@unchecked\s+Sendable|\bnonisolated\(unsafe\)"#)

    static func size(_ file: File) -> [String] {
        let count = lines(file.text).count
        return count > 450 ? ["\(file.path): \(count) lines; it has outgrown its room"] : []
    }

    // MARK: Words

    static let words: Set<String> = [
        "manager", "managers", "helper", "helpers", "util", "utils", "utility", "utilities", "job", "jobs", "task",
        "tasks", "contact", "contacts", "subscriber", "subscribers", "journey", "journeys", "blast", "blasts",
        "blacklist", "whitelist", "delivered",
    ]

    /// What is named, in files and declarations, is named by the words of this house.
    static func vocabulary(_ file: File) -> [String] {
        let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
        let ofFile = parts(name).filter(words.contains).map { "\(file.path): a file named \"\($0)\"" }
        return ofFile
            + declarations.matches(in: file.code).flatMap { match in
                parts(match.text).filter(words.contains).map {
                    "\(file.path):\(match.line): \(match.text) says \"\($0)\""
                }
            }
    }

    private static let declarations = Pattern(
        #"\b(?:class|struct|enum|protocol|actor|func|var|let|case|typealias)\s+`?([A-Za-z_]\w*)"#)

    /// `EventManager.swift` → event, manager, swift.
    static func parts(_ name: String) -> [String] {
        wordsOfAName.matches(in: name).map { $0.text.lowercased() }
    }

    private static let wordsOfAName = Pattern(#"[A-Z]+(?![a-z])|[A-Z]?[a-z]+"#)

    // MARK: Rooms

    /// Every file of rules and time has a test file of its name.
    static func untested(_ paths: [String]) -> [String] {
        let tests = Set(paths.filter { $0.hasPrefix("Tests/DripCoreTests/") }.map(lastPart))
        return paths.filter { path in
            (path.hasPrefix("Sources/DripCore/Rules/") || path.hasPrefix("Sources/DripCore/Time/"))
                && path.hasSuffix(".swift") && !tests.contains(lastPart(path).dropLast(".swift".count) + "Tests.swift")
        }.map { "\($0): no test file of its name" }
    }

    /// A file that holds a rule opens with that rule in words, before or right after its imports.
    static func opening(_ file: File) -> [String] {
        let first = lines(file.text).first { line in
            !line.allSatisfy(\.isWhitespace) && imported.matches(in: line).isEmpty
        }
        return first?.hasPrefix("//") == true ? [] : ["\(file.path): it does not open with its rule"]
    }

    static func topLevel(_ names: [String]) -> [String] {
        let rooms: Set<String> = [
            "Package.swift", "README.md", "CHANGELOG.md", "LICENSE", "Sources", "Tests", "campaigns", "systemd",
            "scripts", "docs",
        ]
        return names.filter { !rooms.contains($0) && !$0.hasPrefix(".") }.map { "\($0): no such room at the top" }
    }

    /// A path that exists on one machine only helps nobody else.
    static func places(_ file: File, root: String) -> [String] {
        let byName = homes.matches(in: file.text)
        let byRoot =
            file.text.contains(root)
            ? Pattern(NSRegularExpression.escapedPattern(for: root)).matches(in: file.text) : []
        return (byName + byRoot).map { "\(file.path):\($0.line): a path of one machine: \($0.text)" }
    }

    private static let homes = Pattern(#"(?:^|[\s"'=:(])(/(?:home|Users|root)/\w+)"#)

    // MARK: Parts of the above

    private static func target(of file: File) -> String? {
        let parts = file.path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }

    private static func lastPart(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func complaints(_ pattern: Pattern, in file: File, _ words: (String) -> String) -> [String] {
        pattern.matches(in: file.code).map { "\(file.path):\($0.line): \(words($0.text))" }
    }
}
