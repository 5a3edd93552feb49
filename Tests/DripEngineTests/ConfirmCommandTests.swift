import DripCore
import DripEngine
import Testing

/// What comes of the link by which the owner of a mailbox confirms a sign-up form.
@Suite struct ConfirmCommandTests {
    private func asked(_ forms: FormWorld, _ email: String = "budi@example.com") throws -> EnrollmentID {
        #expect(try forms.submit(email) == .taken)
        forms.world.run(for: .minutes(1))
        return try #require(forms.asking.last)
    }

    @Test func aLookChangesNothing() throws {
        let forms = try FormWorld()
        let run = try asked(forms)
        guard case .confirmation(let view) = try forms.answer(.question(run)) else { throw FormWorld.Unexpected() }
        #expect(view.address == "b•••@example.com" && view.consent == "Saya setuju" && !view.isConfirmed)
        #expect(view.current?.id.rawValue == "ebook" && view.locale == "id")
        #expect(view.values == ["first_name": .text("Budi")])
        #expect(try forms.world.lead("budi@example.com").suppression?.cause == .unconfirmed)
    }

    @Test func theOwnersYesDoesAllOfItOnce() throws {
        let forms = try FormWorld()
        let run = try asked(forms)
        #expect(try forms.confirm(run)?.isNew == true)
        let lead = try forms.world.lead("budi@example.com")
        #expect(lead.suppression == nil && lead.attributes == ["first_name": .text("Budi")])
        #expect(lead.consents.map(\.state) == [.confirmed] && lead.consents.first?.confirmedFrom == "198.51.100.4")
        #expect(lead.consents.first?.confirmedAt == forms.world.now)
        let events = [
            "ebook_downloaded by the form ebook", "confirmed by the form ebook", "confirmation_asked by the form ebook",
        ]
        #expect(try forms.events(of: lead.key) == events)
        #expect(lead.enrollments.map(\.status) == ["exited", "active"])
        let again = try forms.confirm(run)
        #expect(again?.isConfirmed == true && again?.isNew == false)
        #expect(try forms.events(of: lead.key) == events)
        forms.world.run(for: .days(20))
        #expect(forms.world.sends.map { "\($0.campaign.id)/\($0.step.id)" } == ["confirm/ask", "c/one", "c/two"])
        #expect(try forms.world.audit() == [])
    }

    /// A condition that is true of the lead from its beginning begins once it is confirmed.
    @Test func whatItsFactsBeginBeginsThen() throws {
        let letters =
            "name: L\nenroll: { when: { industry: { is_not: fintech } } }\nsteps: [ { id: one, after: 2h, email: m.md } ]\n"
        let forms = try FormWorld(["letters/campaign.yaml": letters])
        let run = try asked(forms)
        #expect(try forms.campaigns(of: "budi@example.com") == ["confirm"])
        try forms.confirm(run)
        #expect(try forms.campaigns(of: "budi@example.com") == ["c", "confirm", "letters"])
    }

    @Test func anUnsubscribeOfBeforeIsTakenBackAndNothingGraver() throws {
        let forms = try FormWorld()
        try forms.world.importLeads(
            [["a@example.com", "Ani"], ["b@example.com", "Bima"]], columns: ["email", "first_name"], into: nil)
        _ = try forms.world.event("unsubscribed", of: "a@example.com")
        let (first, second) = (try asked(forms, "a@example.com"), try asked(forms, "b@example.com"))
        #expect(try forms.world.lead("a@example.com").suppression?.cause == .unsubscribed)
        try forms.confirm(first)
        let ani = try forms.world.lead("a@example.com")
        #expect(ani.suppression == nil && ani.attributes["first_name"] == .text("Budi"))
        _ = try forms.world.event("complained", of: "b@example.com")
        try forms.confirm(second)
        let bima = try forms.world.lead("b@example.com")
        #expect(bima.suppression?.cause == .complained && bima.consents.first?.state == .confirmed)
        #expect(bima.enrollments.allSatisfy { $0.status == "exited" })
    }

    @Test func aSecondSubmissionIsAskedOnItsOwn() throws {
        let forms = try FormWorld()
        let first = try asked(forms)
        forms.world.run(for: .hours(2))
        try forms.submit("budi@example.com", ["first_name": "Boedi"])
        forms.world.run(for: .minutes(1))
        #expect(forms.asking.count == 2 && Set(forms.asking).count == 2)
        // Whoever presses the first button says nothing of the second.
        try forms.confirm(first)
        let lead = try forms.world.lead("budi@example.com")
        #expect(lead.attributes["first_name"] == .text("Budi") && lead.consents.map(\.state) == [.asked, .confirmed])
        #expect(lead.enrollments.map(\.status) == ["exited", "active", "active"])
        try forms.confirm(forms.asking[1])
        #expect(try forms.world.lead("budi@example.com").attributes["first_name"] == .text("Boedi"))
        // The campaign begins once in a life.
        #expect(try forms.campaigns(of: "budi@example.com") == ["c", "confirm", "confirm"])
    }

    @Test func itLivesThroughACrashAndAMerge() throws {
        let forms = try FormWorld()
        let run = try asked(forms)
        try forms.world.importLeads(
            [["crm-1", "main@example.com", "Main"]], columns: ["key", "email", "industry"], into: nil)
        try forms.world.crash()
        _ = try forms.world.command(.merge(MergeRequest(from: "budi@example.com", into: "crm-1")))
        _ = try forms.world.event("unsubscribed", of: "main@example.com")
        #expect(try forms.confirm(run)?.isNew == true)
        let lead = try forms.world.lead("crm-1")
        #expect(lead.consents.map(\.state) == [.confirmed] && lead.attributes["first_name"] == .text("Budi"))
        // Another mailbox was asked: this one's no stays.
        #expect(lead.suppression?.cause == .unsubscribed)
        #expect(try forms.world.audit() == [])
    }

    @Test func theFormMayBeGone() throws {
        let forms = try FormWorld(["forms/other.yaml": Forms.ebook])
        let run = try asked(forms)
        forms.world.files["forms/ebook.yaml"] = nil
        try forms.world.reload()
        #expect(throws: ControlError.self) { try forms.submit("siti@example.com") }
        let view = try forms.confirm(run)
        #expect(view?.isConfirmed == true && view?.current == nil)
        let lead = try forms.world.lead("budi@example.com")
        #expect(lead.suppression == nil && !lead.enrollments.contains { $0.campaign.rawValue == "c" })
    }

    @Test func aLinkOfNobodyOrOfWhatAsksNothingIsNone() throws {
        let forms = try FormWorld()
        try forms.world.importLeads([["budi@example.com"]], into: "c")
        forms.world.run(for: .hours(2))
        let other = try #require(forms.world.sends.first?.delivery.enrollment)
        for run in [other, EnrollmentID(rawValue: 99 << 10)] {
            #expect(try forms.answer(.confirm(run, from: "")) == .gone)
            #expect(try forms.answer(.question(run)) == .gone)
        }
        let siti = try asked(forms, "siti@example.com")
        _ = try forms.world.command(.erase(EraseRequest(lead: "siti@example.com")))
        #expect(try forms.answer(.confirm(siti, from: "")) == .gone)
    }

    // MARK: The page of preferences

    @Test func unsubscribingAndBackIsNoConfirmation() throws {
        let forms = try FormWorld()
        let run = try asked(forms)
        func ask(_ action: PreferenceRequest.Action) throws -> PreferenceView {
            guard
                case .preference(let view) = try forms.world.command(
                    .preference(.init(enrollment: run, action: action)))
            else { throw FormWorld.Unexpected() }
            return view
        }
        #expect(try !ask(.look).isUnsubscribed, "nobody has unsubscribed")
        #expect(try ask(.unsubscribe).isUnsubscribed)
        #expect(try forms.world.lead("budi@example.com").suppression?.cause == .unsubscribed)
        _ = try ask(.subscribe)
        #expect(try forms.world.lead("budi@example.com").suppression?.cause == .unconfirmed)
        try forms.confirm(run)
        #expect(try forms.world.lead("budi@example.com").suppression == nil)
        _ = try ask(.unsubscribe)
        _ = try ask(.subscribe)
        #expect(try forms.world.lead("budi@example.com").suppression == nil)
    }

    @Test func theExportHasTheWordsAndWhatIsNotWritten() throws {
        let forms = try FormWorld()
        _ = try asked(forms)
        guard case .exported(let export) = try forms.world.command(.export("budi@example.com")) else {
            throw FormWorld.Unexpected()
        }
        let consent = try #require(export.lead.consents.first)
        #expect(consent.text == "Saya setuju" && consent.values == ["first_name": .text("Budi")])
        #expect(consent.askedFrom == "203.0.113.9" && consent.state == .asked)
    }
}
