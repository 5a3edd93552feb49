import DripCore
import Foundation
import Synchronization
import Testing

@testable import DripDelivery

private enum Dovecot {
    static let folder = ProcessInfo.processInfo.environment["DRIPD_DOVECOT"]
}

/// Against a real Dovecot that `scripts/returns-test` runs: its folder is in `DRIPD_DOVECOT`.
@Suite(.serialized, .enabled(if: Dovecot.folder != nil)) struct MailboxDovecotTests {
    enum Way: String, CaseIterable {
        case imaps, pop3s, imapStartTLS, pop3StartTLS
    }

    private let root: URL

    init() throws { root = URL(filePath: try #require(Dovecot.folder)) }

    private func settings(_ way: Way, ca: String = "ca.pem", plainOnly: Bool = false) throws -> MailboxSettings {
        let isIMAP = way == .imaps || way == .imapStartTLS
        let isImplicit = way == .imaps || way == .pop3s
        let name =
            plainOnly ? "\(isIMAP ? "imap" : "pop3")-notls" : "\(isIMAP ? "imap" : "pop3")\(isImplicit ? "s" : "")"
        let port = try String(contentsOf: root.appending(path: "port-\(name)"), encoding: .utf8)
        return MailboxSettings(
            access: isIMAP ? .imap(folder: "INBOX") : .pop3, host: "localhost", port: try #require(Int(port)),
            tls: isImplicit ? .implicit : .required, caFile: root.appending(path: ca).path, username: "bounces",
            password: .file("unused"), every: .milliseconds(20), timeout: .seconds(10))
    }

    private func reader(_ settings: MailboxSettings, password: String = "secret") throws -> MailboxReader {
        try MailboxReader(settings, credentials: Credentials(username: "bounces", password: password))
    }

    private var inbox: URL { root.appending(path: "mail") }

    /// Puts letters into an empty mailbox, as a delivering agent does.
    private func fill(_ letters: [String]) throws {
        for name in ["new", "cur", "tmp"] {
            let folder = inbox.appending(path: name)
            try? FileManager.default.removeItem(at: folder)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
        }
        for (index, letter) in letters.enumerated() {
            let file = inbox.appending(path: "new/\(1_000 + index).\(UUID().uuidString).host")
            try Data(letter.utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: file.path)
        }
    }

    private func left() throws -> Int {
        try ["new", "cur"].map { folder in
            try FileManager.default.contentsOfDirectory(atPath: inbox.appending(path: folder).path).count
        }.reduce(0, +)
    }

    @Test(arguments: Way.allCases)
    func handsOverEachLetterOnceAndDeletesIt(way: Way) throws {
        let letters = (0..<25).map { "Subject: \($0)\n\n.\n..\nbody \($0)\n" }
        try fill(letters)
        var seen: [String] = []
        var ids: Set<String> = []
        let visit = try reader(settings(way)).visit { letter in
            seen.append(String(decoding: letter.bytes, as: UTF8.self).replacing("\r\n", with: "\n"))
            ids.insert(letter.id)
            return true
        }
        #expect(visit == MailboxReader.Visit(taken: 25, kept: 0, hasMore: false))
        #expect(seen.sorted() == letters.sorted() && ids.count == 25)
        #expect(try left() == 0)
        #expect(try reader(settings(way)).visit { _ in true } == MailboxReader.Visit())
    }

    /// What was not taken comes again under the same name; so does what a cut-off session had taken.
    @Test(arguments: Way.allCases)
    func namesStayTheSame(way: Way) throws {
        try fill(["Subject: a\n\na\n", "Subject: b\n\nb\n", "Subject: c\n\nc\n"])
        var first: [String] = []
        let kept = try reader(settings(way)).visit { letter in
            first.append(letter.id)
            return false
        }
        #expect(try kept.kept == 3 && left() == 3)
        var second: [String] = []
        _ = try reader(settings(way)).visit { letter in
            second.append(letter.id)
            return letter.id == first[1]
        }
        #expect(try second == first && left() == 2)
        var third: [String] = []
        _ = try reader(settings(way)).visit { letter in
            third.append(letter.id)
            return true
        }
        #expect(try third == [first[0], first[2]] && left() == 0)
    }

    @Test(arguments: Way.allCases)
    func ofALargeLetterTheBeginningIsRead(way: Way) throws {
        let line = String(repeating: "x", count: 99) + "\n"
        try fill(["Subject: big\n\n" + String(repeating: line, count: 60_000), "Subject: small\n\nx\n"])
        var sizes: [Int] = []
        _ = try reader(settings(way)).visit { letter in
            sizes.append(letter.bytes.count)
            return true
        }
        #expect(try sizes.count == 2 && sizes.contains(MailboxReader.longestLetter) && left() == 0)
    }

    @Test(arguments: Way.allCases)
    func noPasswordGoesToAStranger(way: Way) throws {
        try fill(["Subject: a\n\na\n"])
        #expect(throws: MailboxFailure.self) { try reader(settings(way, ca: "other-ca.pem")).visit { _ in true } }
        #expect(throws: MailboxFailure.self) { try reader(settings(way), password: "wrong").visit { _ in true } }
        #expect(try left() == 1)
    }

    /// A server, or somebody before it, that does not offer STARTTLS.
    @Test(arguments: [Way.imapStartTLS, .pop3StartTLS])
    func withoutEncryptionNothingIsSaid(way: Way) throws {
        let failure = #expect(throws: MailboxFailure.self) {
            try reader(settings(way, plainOnly: true)).visit { _ in true }
        }
        #expect(failure?.description.contains("curl 64") == true, "\(failure?.description ?? "")")
    }

    @Test func theThreadVisitsUntilItIsStopped() async throws {
        try fill(["Subject: a\n\na\n"])
        let reader = try reader(settings(.imaps))
        let (letters, continuation) = AsyncStream.makeStream(of: String.self)
        reader.start(
            take: { letter in
                continuation.yield(String(decoding: letter.bytes.prefix(10), as: UTF8.self))
                return true
            }, report: { _ in })
        var iterator = letters.makeAsyncIterator()
        #expect(await iterator.next() == "Subject: a")
        // Whole before it is seen, as a delivering agent does it.
        let file = inbox.appending(path: "tmp/2000.late.host")
        try Data("Subject: b\n\nb\n".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: file.path)
        try FileManager.default.moveItem(at: file, to: inbox.appending(path: "new/2000.late.host"))
        #expect(await iterator.next() == "Subject: b")
        reader.stop()
    }
}
