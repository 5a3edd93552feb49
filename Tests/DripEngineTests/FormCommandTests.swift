import DripCore
import DripEngine
import DripStore
import Testing

/// What comes of a sign-up form, without a confirmation and up to one.
@Suite struct FormCommandTests {
    // MARK: Whoever typed the address is believed

    @Test func aNewLeadIsStoredWithItsConsentAndEnrolled() throws {
        let forms = try FormWorld()
        #expect(try forms.submit("Budi@example.com", to: "news", ["first_name": "Budi", "stage": "sql"]) == .taken)
        let lead = try forms.world.lead("budi@example.com")
        #expect(lead.attributes == ["first_name": .text("Budi")] && lead.locale == "id" && lead.suppression == nil)
        #expect(try forms.campaigns(of: "budi@example.com") == ["letters"])
        #expect(try forms.events(of: "budi@example.com") == ["demo_booked by the form news"])
        let consent = try #require(lead.consents.first)
        #expect(consent.state == .given && consent.askedAt == World.monday && consent.askedFrom == "203.0.113.9")
        #expect(consent.page == "https://acme.example/landing" && consent.text.isEmpty, "a list shows no words")
        #expect(lead.timeline.contains { $0.what == "consented" && $0.detail == "form news: given" })
        forms.world.run(for: .hours(3))
        #expect(forms.world.sends.map(\.campaign.id.rawValue) == ["letters"])
        #expect(try forms.world.audit() == [])
    }

    @Test func whatIsKnownOfALeadStays() throws {
        let forms = try FormWorld()
        try forms.world.importLeads(
            [["crm-1", "budi@example.com", "Budiman", ""]], columns: ["key", "email", "first_name", "industry"],
            into: nil)
        try forms.submit("budi@example.com", to: "news", ["first_name": "Hacked", "industry": "retail"])
        let lead = try forms.world.lead("crm-1")
        #expect(lead.attributes == ["first_name": .text("Budiman"), "industry": .text("retail")])
        #expect(lead.consents.count == 1 && lead.key == "crm-1")
    }

    @Test func aStrangerTakesNobodyOffTheList() throws {
        let forms = try FormWorld()
        for (name, event) in [("a", "unsubscribed"), ("b", "complained")] {
            try forms.world.importLeads([["\(name)@example.com"]], into: nil)
            _ = try forms.world.event(event, of: "\(name)@example.com")
            #expect(try forms.submit("\(name)@example.com", to: "news") == .taken)
            let lead = try forms.world.lead("\(name)@example.com")
            #expect(lead.suppression?.cause.rawValue == event && lead.enrollments.isEmpty && lead.consents.count == 1)
        }
        forms.world.run(for: .days(3))
        #expect(forms.world.sends.isEmpty)
    }

    @Test func ofOneWhoAskedToBeForgottenNothingIsNoted() throws {
        let forms = try FormWorld()
        try forms.world.importLeads([["budi@example.com"]], into: nil)
        _ = try forms.world.command(.erase(EraseRequest(lead: "budi@example.com")))
        for form in ["news", "ebook"] { #expect(try forms.submit("budi@example.com", to: form) == .refused) }
        #expect(throws: ControlError.self) { try forms.world.lead("budi@example.com") }
        #expect(try forms.world.status().leads == 0)
    }

    /// A key is for ever, and its lead may have another mailbox by now: no stranger moves it back.
    @Test func nobodysMailboxIsChanged() throws {
        let forms = try FormWorld()
        try forms.world.importLeads([["budi@example.com", "old@example.com"]], columns: ["key", "email"], into: nil)
        try forms.world.importLeads([["budi@example.com", "new@example.com"]], columns: ["key", "email"], into: nil)
        #expect(try forms.submit("budi@example.com", to: "news") == .taken)
        #expect(try forms.world.lead("budi@example.com").address?.normalised == "new@example.com")
        #expect(try forms.world.audit() == [])
    }

    @Test func ofSharersTheOldestIsMeant() throws {
        let forms = try FormWorld()
        try forms.world.importLeads(
            [["crm-2", "a@example.com"], ["crm-1", "a@example.com"]], columns: ["key", "email"], into: nil)
        try forms.submit("a@example.com", to: "news")
        #expect(try forms.world.lead("crm-2").consents.count == 1 && forms.world.lead("crm-1").consents.isEmpty)
    }

    // MARK: What is not taken

    @Test func mistakesChangeNothing() throws {
        let forms = try FormWorld()
        #expect(try forms.submit("budi", agrees: false) == nil)
        #expect(try forms.submit("budi@example.com", [:]) == nil)
        #expect(try forms.world.status().leads == 0)
        #expect(throws: ControlError.self) { try forms.submit("budi@example.com", to: "nothing") }
    }

    @Test func theTrapIsAnsweredLikeSuccessAndStoresNothing() throws {
        let forms = try FormWorld()
        #expect(try forms.submit("budi", [:], agrees: false, isTrapped: true) == .trapped)
        #expect(try forms.world.status().leads == 0)
        let line = try #require(forms.world.logs.last { $0.message.contains("form") })
        #expect(line.level == .debug && line.fields == ["form": "ebook"])
    }

    @Test func noMailboxIsMeantTooOften() throws {
        let forms = try FormWorld()
        var outcomes: [FormOutcome?] = []
        for _ in 0..<6 {
            outcomes.append(try forms.submit("budi@example.com"))
            outcomes.append(try forms.submit("BUDI@example.com"))
            forms.world.run(for: .hours(1))
        }
        #expect(outcomes.count { $0 == .taken } == 3 && outcomes.count { $0 == .limited } == 9)
        #expect(forms.asking.count == 3)
        forms.world.run(for: .days(1))
        #expect(try forms.submit("budi@example.com") == .taken)
    }

    @Test func whileTheStoreFailsNothingIsClaimed() throws {
        let forms = try FormWorld()
        forms.world.failing.failure = StoreError(.full, "full")
        #expect(throws: ControlError.self) { try forms.submit("budi@example.com") }
        forms.world.failing.failure = nil
        forms.world.ring()
        #expect(try forms.submit("budi@example.com") == .taken)
    }

    // MARK: Asking

    @Test func untilItIsConfirmedNothingButTheQuestionGoes() throws {
        let forms = try FormWorld([
            "letters/campaign.yaml":
                "name: L\nenroll: { when: { first_name: Budi } }\nsteps: [ { id: one, after: 2h, email: m.md } ]\n"
        ])
        #expect(try forms.submit("budi@example.com") == .taken)
        let lead = try forms.world.lead("budi@example.com")
        #expect(lead.suppression?.cause == .unconfirmed && lead.attributes.isEmpty && lead.locale == "id")
        #expect(try forms.events(of: lead.key) == ["confirmation_asked by the form ebook"])
        #expect(lead.consents.map(\.state) == [.asked])
        forms.world.run(for: .days(20))
        #expect(forms.world.sends.map(\.step.id.rawValue) == ["ask", "remind"])
        #expect(forms.world.sends.first?.data["form_title"] == .text("E-booknya"))
        #expect(try forms.campaigns(of: lead.key) == ["confirm"])
        // Nothing else begins either.
        #expect(throws: ControlError.self) {
            try forms.world.command(.enroll(lead: lead.key, campaign: CampaignID(rawValue: "c")))
        }
        #expect(try forms.world.audit() == [])
    }

    @Test func aKnownLeadGoesOnAsItWas() throws {
        let forms = try FormWorld()
        try forms.world.importLeads([["budi@example.com", "Budiman"]], columns: ["email", "first_name"], into: "c")
        try forms.submit("budi@example.com")
        let lead = try forms.world.lead("budi@example.com")
        #expect(lead.suppression == nil && lead.attributes == ["first_name": .text("Budiman")])
        forms.world.run(for: .hours(2))
        #expect(forms.world.sends.map(\.campaign.id.rawValue).sorted() == ["c", "confirm"])
    }

    @Test func aMailboxThatMayGetNothingIsNotAsked() throws {
        let forms = try FormWorld()
        for cause in ["bounced", "complained"] {
            try forms.world.importLeads([["\(cause)@example.com"]], into: nil)
            _ = try forms.world.event(cause, of: "\(cause)@example.com")
            #expect(try forms.submit("\(cause)@example.com") == .refused)
        }
        _ = try forms.world.suppress("new@example.com")
        #expect(try forms.submit("new@example.com") == .refused)
        forms.world.run(for: .days(3))
        #expect(forms.world.sends.isEmpty)
        #expect(throws: ControlError.self) { try forms.world.lead("new@example.com") }
    }

    // MARK: Lists of whom a form asked

    @Test func aListOfTheOperatorsLiftsAnUnansweredQuestionAndNothingElse() throws {
        let watching = "name: L\nenroll: { when: { city: Bogor } }\nsteps: [ { id: one, after: 2h, email: m.md } ]\n"
        let forms = try FormWorld(["letters/campaign.yaml": watching])
        for name in ["a", "b", "c"] { #expect(try forms.submit("\(name)@example.com") == .taken) }
        _ = try forms.world.event("unsubscribed", of: "b@example.com")
        var handedIn = LeadsRequest(leads: [.init(email: "c@example.com", attributes: ["city": .text("Bogor")])])
        handedIn.isOperators = false
        guard case .imported(let untouched) = try forms.world.command(.putLeads(handedIn)) else { return }
        #expect(untouched.nowConfirmed == 0 && untouched.updated == 1)
        #expect(try forms.world.lead("c@example.com").suppression?.cause == .unconfirmed)
        let summary = try forms.world.importLeads(
            [["a@example.com", "Bogor"], ["b@example.com", "Bogor"]], columns: ["email", "city"], into: nil)
        #expect(summary.nowConfirmed == 1 && summary.updated == 2)
        #expect(try forms.world.lead("a@example.com").suppression == nil)
        #expect(
            try forms.world.lead("a@example.com").timeline.contains {
                $0.detail == "no longer unconfirmed: imported"
            })
        #expect(try forms.campaigns(of: "a@example.com") == ["confirm", "letters"])
        #expect(try forms.world.lead("b@example.com").suppression?.cause == .unsubscribed)
        #expect(try forms.world.audit() == [])
    }
}
