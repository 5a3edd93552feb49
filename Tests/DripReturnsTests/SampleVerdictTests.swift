import Foundation
import Testing

@testable import DripReturns

/// Real mails, against `Samples/verdicts.txt`.
@Suite struct SampleVerdictTests {
    private func expected() throws -> [(name: String, verdict: String)] {
        let text = String(decoding: try Samples.read("verdicts.txt"), as: UTF8.self)
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let parts = line.split(separator: ":").map { $0.drop { $0 == " " } }
            return (String(parts[0]), String(parts[1]))
        }
    }

    @Test func everySampleIsKnown() throws {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: Samples.folder.appending(path: "flufl.bounce").path)
        #expect(names.filter { $0.hasSuffix(".txt") }.sorted() == (try expected().map { "\($0.name).txt" }))
    }

    /// The bar is 95 %; the ones that are missed are named, so that a new miss shows.
    @Test func verdictsAreRight() throws {
        let all = try expected()
        let missed = try all.filter { name, verdict in
            ReturnedMail(try Samples.read("flufl.bounce/\(name).txt")).verdict != verdict
        }.map(\.name)
        // A person's name in `From` and a subject that begins with "RE:"; its words alone must not make a bounce.
        #expect(missed == ["simple_20"])
        #expect(all.count == 117)
    }

    @Test func delaysAreNeverHard() throws {
        for (name, verdict) in try expected() where verdict == "delayed" {
            let bounce = try #require(ReturnedMail(try Samples.read("flufl.bounce/\(name).txt")).bounce, "\(name)")
            #expect(bounce.severity == .delayed, "\(name)")
        }
    }

    @Test func namesTheRecipientAndTheOriginal() throws {
        let dsn = ReturnedMail(try Samples.read("flufl.bounce/dsn_10.txt"))
        #expect(dsn.bounce?.recipients == ["anne.person@dom.ain"])
        #expect(dsn.origin.messageIDs.first == "<200210211625.12753.b.a.dude@example.com>")
        let qmail = ReturnedMail(try Samples.read("flufl.bounce/qmail_03.txt"))
        #expect(qmail.bounce?.status == EnhancedStatus(.permanent, 1, 1))
        #expect(qmail.bounce?.diagnostic == "Sorry, no mailbox here by that name. vpopmail (#5.1.1)")
        let exchange = ReturnedMail(try Samples.read("flufl.bounce/microsoft_04.txt"))
        #expect(exchange.bounce?.recipients == ["userx@example.com"])
    }

    /// Cut anywhere, a mail still means something or nothing, and takes no time.
    @Test(arguments: ["dsn_11", "exim_01", "sina_01", "microsoft_02", "yahoo_08"])
    func cutSamplesAreRead(name: String) throws {
        let bytes = try Samples.read("flufl.bounce/\(name).txt")
        for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 150)) {
            _ = ReturnedMail(Array(bytes.prefix(length)))
        }
    }
}
