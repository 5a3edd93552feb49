import DripCore
import Foundation
import Testing

/// What `Judges/zones.py` says: Python's zoneinfo, reading the very files that the tests read.
///
/// Python is a required tool of this suite: without it the tests fail and say so, they are never skipped.
struct ZoneJudge: Sendable {
    struct Group: Sendable {
        var names: [String]
        var transitions: [(at: Int64, before: (Int, String), after: (Int, String))] = []
        var locals: [(wall: Int64, at: Int64)] = []
        var samples: [(at: Int64, offset: Int, abbreviation: String)] = []
        var plans: [(enrolledAt: Int64, plannedAt: [Int64])] = []
        /// The same with holidays and quiet hours.
        var closedPlans: [(enrolledAt: Int64, plannedAt: [Int64])] = []
    }

    var version = ""
    var groups: [Group] = []

    static let verdict = Result { try ZoneJudge(output: run()) }

    private static func run() throws -> String {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Judges/zones.py").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script, SystemZones.folder]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Missing(what: "Judges/zones.py failed: these tests need python3, 3.9 or newer, as the judge of zones")
        }
        return String(decoding: data, as: UTF8.self)
    }

    private init(output: String) throws {
        for line in output.split(separator: "\n") {
            let fields = line.split(separator: " ").map(String.init)
            let numbers = fields.dropFirst().map { Int64($0) ?? 0 }
            let last = groups.count - 1
            switch fields[0] {
            case "V": version = fields[1]
            case "Z": groups.append(Group(names: Array(fields.dropFirst())))
            case "T":
                let (before, after) = ((Int(numbers[1]), fields[4]), (Int(numbers[2]), fields[5]))
                groups[last].transitions.append((numbers[0], before, after))
            case "L": groups[last].locals.append((numbers[0], numbers[1]))
            case "S": groups[last].samples.append((numbers[0], Int(numbers[1]), fields[3]))
            case "P": groups[last].plans.append((numbers[0], Array(numbers.dropFirst())))
            case "Q": groups[last].closedPlans.append((numbers[0], Array(numbers.dropFirst())))
            default: throw Missing(what: "the judge says something unknown: \(line)")
            }
        }
    }
}

/// The zones of this machine, read once.
enum SystemZones {
    static let folder = "/usr/share/zoneinfo"

    static let table = Result { try load() }

    static func zone(_ name: String) throws -> Zone { try #require(table.get()[name], "no zone \(name)") }

    static func bytes(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder).appendingPathComponent(name)))
    }

    private static func load() throws -> ZoneTable {
        guard let files = FileManager.default.enumerator(atPath: folder) else {
            throw Missing(what: "no \(folder); these tests need tzdata")
        }
        var zones: [Zone] = []
        while let name = files.nextObject() as? String {
            if name == "right" || name == "posix" {
                files.skipDescendants()
            } else if let bytes = try? bytes(name), bytes.starts(with: "TZif".utf8) {
                zones.append(try Zone(name: name, tzif: bytes))
            }
        }
        guard zones.count > 300 else { throw Missing(what: "\(folder) holds no zones; these tests need tzdata") }
        return ZoneTable(version: "test", zones: zones)
    }
}

struct Missing: Error, CustomStringConvertible {
    var what: String
    var description: String { what }
}
