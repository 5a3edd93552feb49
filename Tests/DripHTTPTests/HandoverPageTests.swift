import DripCore
import DripMessages
import HTTPTypes
import Testing

@testable import DripHTTP

/// The page behind the link in a note to sales.
@Suite struct HandoverPageTests {
    private func pages(_ state: Handoff.State? = .given) -> Pages {
        let pages = Pages()
        let brief = HandoverBrief(
            owner: "Rini", lead: "Budi <b>\"B\"</b>, budi@example.com", stage: "mql",
            score: "85 (fit 35, engagement 50)",
            acceptBy: "2026-12-07 12:00 WIB", followUpBy: "", facts: [.init(name: "company", value: "PT <Maju> & Co")],
            history: [
                "2026-12-04 15:58 WIB  pricing_viewed",
                "2026-12-04 15:40 WIB  clicked of c/s: https://x.example/?a=1&b=2",
            ])
        pages.control.handover = HandoverView(brief: brief, state: state)
        return pages
    }

    @Test(arguments: ["en", "id"])
    func asPeopleSeeIt(language: String) async throws {
        let headers: HTTPFields = [.acceptLanguage: language]
        let given = pages()
        try expectGolden(
            try await given.ask(.get, given.handover("Rini"), headers: headers).body, "handover.\(language).html")
        let accepted = pages(.accepted)
        try expectGolden(
            try await accepted.ask(.get, accepted.handover("Rini") + "&done=accept", headers: headers).body,
            "handover-accepted.\(language).html")
        given.control.handover = HandoverView(isOf: "Made & Co")
        try expectGolden(
            try await given.ask(.get, given.handover("Rini"), headers: headers).body, "handover-other.\(language).html")
    }

    @Test func aLookChangesNothingAndAButtonAsksForWhatItSays() async throws {
        let pages = pages()
        let path = pages.handover("Rini & Budi")
        for method in [HTTPRequest.Method.get, .head] {
            #expect(try await pages.ask(method, path).status == .ok)
        }
        // Loaded again, the page that follows says nothing again.
        for (button, body) in [("accept", ""), ("reject", "&reason=a+student"), ("follow_up", "")] {
            let answer = try await pages.ask(.post, path, body: "action=\(button)\(body)")
            #expect(answer.status == .seeOther)
            let query = try #require(path.split(separator: "?").last)
            #expect(answer.headers[.location] == "?\(query)&done=\(button)")
        }
        let asked = pages.control.handovers
        #expect(asked.map(\.action) == [.look, .look, .accept, .reject("a student"), .followUp])
        #expect(asked.allSatisfy { $0.owner == "Rini & Budi" && $0.enrollment.rawValue == 7 << 10 })
    }

    @Test func whatNoButtonAsksIsRefused() async throws {
        let pages = pages()
        for body in ["", "action=erase", "action=look"] {
            #expect(try await pages.ask(.post, pages.handover("Rini"), body: body).status == .unprocessableContent)
        }
        #expect(pages.control.handovers.isEmpty)
        let answer = try await pages.ask(.post, pages.handover("Rini"), body: "action=reject&reason=")
        #expect(answer.status == .unprocessableContent && answer.body.contains("please say why"))
    }

    /// Of another owner, of no owner, with any bit flipped, and a token of another page.
    @Test func onlyTheWholeLinkOfThatOwnerWorks() async throws {
        let pages = pages()
        let path = pages.handover("Rini")
        let cut = path.prefix { $0 != "?" }
        let since = "t=2026-12-04T08%3A58%3A00.000Z"
        var bad = [
            "\(cut)", "\(cut)?o=Rini", "\(cut)?o=Budi&\(since)", "\(cut)?o=&\(since)", "\(cut)?o=Rini&t=2026-12-05",
            "/s/\(pages.token(.preferences))?o=Rini&\(since)",
        ]
        let token = Array(cut.dropFirst(3).utf8)
        for index in token.indices {
            var altered = token
            altered[index] ^= 1
            guard let text = String(validating: altered, as: UTF8.self),
                text.allSatisfy({ $0.isLetter || $0.isNumber || "-_".contains($0) })
            else { continue }
            bad.append("/s/\(text)?o=Rini&\(since)")
        }
        for path in bad {
            #expect(
                [404, 429].contains(try await pages.ask(.post, path, body: "action=accept").status.code), "\(path)")
        }
        #expect(pages.control.handovers.isEmpty)
    }
}
