import DripCore
import Testing

@testable import DripDelivery

@Suite struct MailboxReaderTests {
    /// A mailbox that counts, and breaks where it is told to.
    private final class Box: MailboxSession {
        var letters: [String]
        var marked: [String] = []
        var hasEnded = false
        var breaksAt: String?

        init(_ letters: [String]) { self.letters = letters }

        func list() throws(MailboxFailure) -> [String] { letters }

        func letter(_ id: String) throws(MailboxFailure) -> MailboxLetter {
            guard id != breaksAt else { throw MailboxFailure("broken") }
            return MailboxLetter(id: id, bytes: Array(id.utf8))
        }

        func delete(_ id: String) throws(MailboxFailure) { marked.append(id) }

        func end() throws(MailboxFailure) {
            hasEnded = true
            letters.removeAll(where: marked.contains)
        }
    }

    @Test func onlyWhatWasTakenGoes() throws {
        let box = Box(["a", "b", "c"])
        var seen: [String] = []
        let visit = try MailboxReader.empty(box, isStopped: { false }) { letter in
            seen.append(letter.id)
            return letter.id != "b"
        }
        #expect(seen == ["a", "b", "c"] && box.letters == ["b"] && box.hasEnded)
        #expect(visit == MailboxReader.Visit(taken: 2, kept: 1, hasMore: false))
    }

    @Test func aBrokenVisitDeletesNothingThatWasNotTaken() {
        let box = Box(["a", "b", "c"])
        box.breaksAt = "b"
        #expect(throws: MailboxFailure.self) { try MailboxReader.empty(box, isStopped: { false }) { _ in true } }
        #expect(box.marked == ["a"] && !box.hasEnded)
    }

    @Test func aSessionIsCutShort() throws {
        let box = Box((0..<450).map(String.init))
        var visits: [MailboxReader.Visit] = []
        repeat {
            visits.append(try MailboxReader.empty(box, isStopped: { false }) { _ in true })
        } while visits.last?.hasMore ?? false
        #expect(visits.map(\.taken) == [200, 200, 50] && box.letters.isEmpty)
    }

    @Test func aStopIsHeardBetweenLetters() throws {
        let box = Box(["a", "b", "c"])
        var count = 0
        let visit = try MailboxReader.empty(box, isStopped: { count == 1 }) { _ in
            count += 1
            return true
        }
        #expect(visit.taken == 1 && box.letters == ["b", "c"])
    }

    @Test(arguments: [
        ("a b", 995, "u", "p", "INBOX", "host"), ("h.example", 0, "u", "p", "INBOX", "port"),
        ("h.example", 995, "", "p", "INBOX", "username"), ("h.example", 995, "u\r\nx", "p", "INBOX", "username"),
        ("h.example", 995, "u", "p\n", "INBOX", "username"), ("h.example", 995, "u", "p", "a\r\nb", "folder"),
        ("h.example/x", 995, "u", "p", "INBOX", "host"),
    ])
    func badSettingsAreRefused(host: String, port: Int, username: String, password: String, folder: String, key: String)
    {
        let settings = MailboxSettings(
            access: .imap(folder: folder), host: host, port: port, username: username, password: .file("/p"))
        do {
            _ = try MailboxReader(settings, credentials: Credentials(username: username, password: password))
            Issue.record("it was taken")
        } catch {
            #expect(error.key == key)
        }
    }
}
