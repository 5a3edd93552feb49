import DripCore
import Testing

@Suite struct UnconfirmedLeadTests {
    private static let now = Instant("2026-11-02T02:00:00Z") ?? .epoch

    private struct Known {
        var lead: Lead
        var consents: [Consent]
        var entry: Suppression? = Suppression(cause: .unconfirmed, note: "form ebook", since: now - .days(31))
        var optOuts: [OptOut] = []
        var sharers = 1

        init() throws {
            let address = try EmailAddress("budi@example.com")
            lead = Lead(id: LeadID(rawValue: 7), key: address.normalised, address: address)
            consents = [31, 40].map { days in
                Consent(
                    form: FormID(rawValue: "ebook"), text: "x", state: .asked, askedAt: now - .days(days), holds: true)
            }
        }

        var isForgotten: Bool {
            UnconfirmedLead.isForgotten(
                lead, consents: consents, runs: [], entry: entry, optOuts: optOuts, sharers: sharers,
                horizon: now - UnconfirmedLead.isKept)
        }
    }

    @Test func whatAFormAloneMadeGoes() throws {
        var known = try Known()
        #expect(known.isForgotten)
        for event in ["confirmation_asked", "clicked", "opened"] {
            known.lead.history.add(EventName(rawValue: event), .init(at: Self.now))
        }
        known.lead.locale = "id"
        #expect(known.isForgotten)
    }

    @Test func whateverElseIsKnownKeepsIt() throws {
        func isForgotten(_ change: (inout Known) -> Void) throws -> Bool {
            var known = try Known()
            change(&known)
            return known.isForgotten
        }
        #expect(try !isForgotten { $0.lead.attributes = ["city": .text("Bogor")] })
        #expect(try !isForgotten { $0.lead.zoneName = "Asia/Jakarta" })
        #expect(try !isForgotten { $0.lead.key = "crm-17" })
        #expect(try !isForgotten { $0.lead.history.add(EventName(rawValue: "replied"), .init(at: Self.now)) })
        #expect(try !isForgotten { $0.lead.pause = LeadPause(since: Self.now, until: nil, note: "") })
        #expect(try !isForgotten { $0.lead.erasedAt = Self.now })
        #expect(try !isForgotten { $0.lead.stage = LeadStage(.customer, since: Self.now) })
        #expect(try !isForgotten { $0.sharers = 2 })
        #expect(try !isForgotten { $0.entry = nil })
        #expect(try !isForgotten { $0.entry?.cause = .bounced })
        #expect(try !isForgotten { $0.optOuts = [OptOut(topic: TopicID(rawValue: "news"), note: "", since: Self.now)] })
        #expect(try !isForgotten { $0.consents[0].state = .given })
        #expect(try !isForgotten { $0.consents[0].askedAt = Self.now - .days(30) })
        #expect(
            try !isForgotten { known in for index in known.consents.indices { known.consents[index].holds = false } })
        #expect(try !isForgotten { $0.consents = [] })
    }
}
