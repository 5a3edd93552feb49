import DripCore
import Foundation
import Testing

@testable import DripDelivery

@Suite(.timeLimit(.minutes(1))) struct MaildirTransportTests {
    private let root = FileManager.default.temporaryDirectory.appending(path: "maildir-\(UUID().uuidString)")

    private func transport(_ folder: String) throws -> MaildirTransport {
        try MaildirTransport(
            name: "review", settings: MaildirSettings(path: root.appending(path: folder).path()), inFlight: 8)
    }

    private func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path()).sorted()
    }

    private func mode(_ folder: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: root.appending(path: folder).path())[.posixPermissions] as? Int
    }

    @Test func eachMessageIsAWholeFile() async throws {
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        let transport = try transport("box")
        #expect(transport.channel == .email && transport.inFlight == 8)
        let log = ResultLog(transport)
        transport.submit(try (1...100).map { try Samples.message($0) } + [Samples.post(101)])
        let results = await log.results(101)
        #expect(results.map(\.delivery.rawValue) == Array(1...101))
        #expect(results.dropLast().allSatisfy { $0.outcome == .accepted })
        #expect(results.last?.outcome == .permanentFailure)
        let names = try files("box/new")
        #expect(
            names.count == 100
                && Set(results.dropLast().map { "\($0.text.dropFirst("written as ".count))" }) == Set(names))
        #expect(names.allSatisfy { !$0.contains(":") })
        #expect(try files("box") == ["cur", "new", "tmp"] && files("box/tmp") == [] && files("box/cur") == [])
        for folder in ["box", "box/cur", "box/new", "box/tmp"] { #expect(try mode(folder) == 0o700) }
        let text = try String(contentsOf: root.appending(path: "box/new/\(try #require(names.first))"), encoding: .utf8)
        #expect(
            text
                == "Return-Path: <sender@example.com>\nDelivered-To: lead@example.org\nSubject: hello\n\nHello.\n")
    }

    /// The folder that cannot be written is the transport's fault, and works as soon as it can.
    @Test func aFolderThatCannotBeWrittenIsNoFaultOfADelivery() async throws {
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        // A file in its place: that holds for root too.
        try Data().write(to: root.appending(path: "box"))
        let transport = try transport("box")
        let log = ResultLog(transport)
        transport.submit([try Samples.message(1)])
        let failed = try #require(await log.results(1).first)
        #expect(failed.outcome == .transientFailure && failed.blame == .transport)
        #expect(failed.text.hasSuffix("box/tmp: Not a directory"), "\(failed.text)")
        try FileManager.default.removeItem(at: root.appending(path: "box"))
        transport.submit([try Samples.message(2)])
        #expect(await log.results(2).last?.outcome == .accepted)
        try FileManager.default.removeItem(at: root.appending(path: "box/new"))
        try Data().write(to: root.appending(path: "box/new"))
        transport.submit([try Samples.message(3)])
        #expect(await log.results(3).last?.outcome == .transientFailure)
        #expect(try files("box/tmp") == [])
    }

    @Test func afterAStopNothingIsBegun() async throws {
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        let transport = try transport("box")
        let log = ResultLog(transport)
        await withCheckedContinuation { continuation in
            transport.stop(within: .seconds(1)) { continuation.resume() }
        }
        transport.submit([try Samples.message(1)])
        let result = try #require(await log.results(1).first)
        #expect(result.outcome == .transientFailure && result.blame == .transport)
        #expect(!FileManager.default.fileExists(atPath: root.appending(path: "box").path()))
    }

    @Test func settingsThatCannotWorkAreRefused() {
        let settings = MaildirSettings(path: "box")
        #expect(throws: TransportRefusal.self) { try MaildirTransport(name: "r", settings: settings, inFlight: 8) }
        let whole = MaildirSettings(path: "/box")
        #expect(throws: TransportRefusal.self) { try MaildirTransport(name: "r", settings: whole, inFlight: 0) }
    }
}
