import DripCore
import DripStore

extension StoreConformance {
    static let enrollmentCases: [StoreConformance] = [
        StoreConformance("an enrollment comes back as it was started") { bed in
            let first = StoreBed.step("welcome", route: .http, planned: .hours(1), due: .hours(2), waitingFor: .gap)
            let enrollment = try bed.enrol("budi", first: first)
            try expectEqual(enrollment.status, .active, "status")
            try expectEqual(enrollment.current, first, "its step")
            try expectEqual(enrollment.enrolledAt, StoreBed.start, "enrolled at")
            try expectEqual(enrollment.finished, [], "finished")
            try expectEqual(enrollment.lastSent, nil, "last sent")
            try expectEqual(enrollment.lastEndedAt, nil, "no step ended")
            try expectEqual(try bed.nextDueAt(.http), first.dueAt, "its timer")
            try expectEqual(try bed.nextDueAt(.email), nil, "no other route")
            try expectEqual(try bed.read { try $0.enrollments(of: enrollment.lead) }, [enrollment], "of the lead")
            try expectEqual(try bed.read { try $0.deliveries(of: enrollment.id) }, [], "no delivery yet")
        },
        StoreConformance("a second run of one campaign and key is refused while the first goes on") { bed in
            var enrollment = try bed.enrol("budi")
            let again = try bed.commit {
                try $0.enroll(enrollment.lead, in: StoreBed.nurture, at: StoreBed.start, first: StoreBed.step())
            }
            try expectEqual(again, nil, "while active")
            enrollment.status = .exited
            enrollment.current = nil
            try bed.commit {
                try $0.advance(
                    enrollment, was: StoreBed.step(),
                    entry: StoreBed.entry(.exited, of: enrollment, reason: .goalReached))
            }
            let after = try bed.commit {
                try $0.enroll(enrollment.lead, in: StoreBed.nurture, at: StoreBed.start, first: StoreBed.step())
            }
            let other = try bed.enrol("budi", in: StoreBed.news)
            let keyed = try bed.commit {
                try $0.enroll(
                    enrollment.lead, in: StoreBed.nurture, at: StoreBed.start, first: StoreBed.step(), key: "order 7",
                    data: ["order_id": .text("order 7"), "total": .number(12.5)], version: nil)
            }
            let runs = try bed.read { try $0.enrollments(of: enrollment.lead) }
            try expectEqual(
                runs.map(\.id), [enrollment.id, after, other.id, keyed].compactMap(\.self), "each is one, oldest first")
            try expectEqual(runs.last?.key, "order 7", "its key")
            try expectEqual(runs.last?.data, ["order_id": .text("order 7"), "total": .number(12.5)], "its data")
            try expectEqual(try bed.status().campaigns[StoreBed.nurture]?.total[.enrolled], 3, "all are counted")
        },
        StoreConformance("an enrollment keeps the version by which it began, and those that go on by it are counted") {
            bed in
            let version = CampaignVersion(StoreBed.nurture, "3fa8c2d11e07")
            func ongoing(_ version: CampaignVersion, limit: Int = 10) throws -> Int {
                try bed.read { try $0.ongoing(by: version, limit: limit) }
            }
            try expectEqual(try ongoing(version), 0, "of a campaign that nobody knows")
            _ = try bed.enrol("latest")
            for name in ["a", "b", "c"] { try bed.enrol(name, version: version.hash) }
            try expectEqual(try ongoing(version), 3, "all of them")
            try expectEqual(try ongoing(version, limit: 2), 2, "no more than was asked for")
            try expectEqual(try ongoing(CampaignVersion(StoreBed.news, version.hash)), 0, "of another campaign")
            try expectEqual(try ongoing(CampaignVersion(version.campaign, "91c2044d5be0")), 0, "by another version")
            try expectEqual(try bed.enrollment("latest").version, nil, "who goes by the latest")
            var (first, second) = (try bed.enrollment("a"), try bed.enrollment("b"))
            try expectEqual(first.version, version.hash, "its version")
            let was = first.current
            (first.status, first.current) = (.exited, nil)
            second.status = .paused
            try bed.commit {
                try $0.advance(first, was: was, entry: StoreBed.entry(.exited, of: first, reason: .goalReached))
                try $0.advance(second, was: second.current, entry: nil)
            }
            try expectEqual(try ongoing(version), 2, "who is paused goes on, who has left does not")
            try expectEqual(try bed.enrollment("a").version, version.hash, "what has ended is still known by it")
        },
        StoreConformance("a step is renamed in all that is stored, and not in another campaign") { bed in
            let (before, now, other) = (StepID(rawValue: "welcome"), StepID(rawValue: "hello"), StoreBed.news)
            var enrollment = try bed.enrol("budi")
            try bed.commit {
                try $0.rename(before, to: StepID(rawValue: "nobody"), in: other)
                // What was called like that before is another step.
                try $0.journal(StoreBed.entry(.performed, of: enrollment, step: now))
                try $0.rename(before, to: now, in: StoreBed.nurture)
            }
            _ = try bed.enrol("budi", in: other)
            try expectEqual(try bed.enrollment("budi").current?.step, now, "what it waits for")
            try expectEqual(try bed.enrollment("budi", in: other).current?.step, before, "of another campaign")
            let claims = try bed.commit { try $0.claimDue(.email, now: StoreBed.start, limit: 10) }
            try expectEqual(claims.map(\.pending.step), [now, before], "as it is claimed")
            let sealed = try bed.read { reader in
                try [now, before].map { try reader.firstName(of: $0, in: StoreBed.nurture) }
            }
            try expectEqual(sealed.first, before, "what it was called first")
            try expect(sealed.last != before, "a step that nobody has come to seals nothing of another one")
            // A new step of the old name must not seal as that one did.
            try bed.commit { try $0.journal(StoreBed.entry(.performed, of: enrollment, step: before)) }
            let seal = try bed.read { try $0.firstName(of: before, in: StoreBed.nurture) }
            try expect(seal != before, "two steps of one seal")
            let timeline = try bed.read { try $0.timeline(of: enrollment.lead, limit: 10) }
            try expect(timeline.contains { $0.kind == .performed && $0.step != now }, "the past of another one")
            enrollment.current = nil
            enrollment.status = .completed
            enrollment.finished = [now]
            try bed.commit {
                try $0.advance(
                    enrollment, was: StoreBed.step("hello"), entry: StoreBed.entry(.completed, of: enrollment))
            }
            let completed = try bed.read { try $0.completed(in: StoreBed.nurture, after: nil, limit: 10) }
            try expectEqual(completed.found.map(\.enrollment), [enrollment], "those at the end")
            try expectEqual(
                try bed.read { try $0.completed(in: StoreBed.nurture, after: enrollment.id, limit: 10) }.count, 0,
                "paged")
        },
        StoreConformance("a campaign with nothing left completes at once") { bed in
            let enrollment = try bed.enrol("budi", first: nil)
            try expectEqual(enrollment.status, .completed, "status")
            try expectEqual(try bed.nextDueAt(), nil, "nothing waits")
            let figures = try unwrap(try bed.status().campaigns[StoreBed.nurture], "figures")
            try expectEqual(figures.total, [.enrolled: 1, .completed: 1], "both are journaled")
        },
        StoreConformance("advance moves the timer, the state and the journal together") { bed in
            var enrollment = try bed.enrol("budi")
            let was = enrollment.current
            enrollment.finished = [StepID(rawValue: "welcome")]
            enrollment.lastSent = SentStep(sentAt: StoreBed.start - .days(1), plannedAt: StoreBed.start - .days(2))
            enrollment.lastEndedAt = StoreBed.start - .hours(23)
            enrollment.current = PendingStep(
                step: StepID(rawValue: "case-study"), route: .http, plannedAt: StoreBed.start + .days(2),
                dueAt: StoreBed.start + .days(3), waitingFor: .outsideWindow, deferred: .hours(5), late: .hours(6))
            let entry = StoreBed.entry(
                .skipped, of: enrollment, step: StepID(rawValue: "welcome"), reason: .conditionNotMet,
                plannedAt: StoreBed.start)
            try bed.commit { try $0.advance(enrollment, was: was, entry: entry) }
            try expectEqual(try bed.enrollment("budi"), enrollment, "the whole state")
            try expectEqual(try bed.nextDueAt(.email), nil, "the old timer is gone")
            try expectEqual(try bed.nextDueAt(.http), StoreBed.start + .days(3), "the new one is there")
            let timeline = try bed.read { try $0.timeline(of: enrollment.lead, limit: 10) }
            try expectEqual(timeline.first, entry, "its entry is the newest")
        },
        StoreConformance("a pause takes the timer away, resuming gives it back") { bed in
            var enrollment = try bed.enrol("budi")
            let step = enrollment.current
            enrollment.status = .paused
            try bed.commit { try $0.advance(enrollment, was: step, entry: nil) }
            try expectEqual(try bed.nextDueAt(), nil, "nothing waits")
            try expectEqual(try bed.enrollment("budi").current, step, "the step is kept")
            try expectEqual(try bed.read { try $0.timeline(of: enrollment.lead, limit: 9).count }, 1, "no entry")
            enrollment.status = .active
            try bed.commit { try $0.advance(enrollment, was: nil, entry: nil) }
            try expectEqual(try bed.nextDueAt(), StoreBed.start, "waits again")
        },
        StoreConformance("an exit keeps what was finished and waits for nothing") { bed in
            var enrollment = try bed.enrol("budi")
            enrollment.status = .exited
            enrollment.current = nil
            enrollment.finished = [StepID(rawValue: "b"), StepID(rawValue: "a")]
            let entry = StoreBed.entry(.exited, of: enrollment, reason: .exitCondition)
            try bed.commit { try $0.advance(enrollment, was: StoreBed.step(), entry: entry) }
            try expectEqual(try bed.enrollment("budi"), enrollment, "the state, in the order of finishing")
            try expectEqual(try bed.nextDueAt(), nil, "nothing waits")
        },
        StoreConformance("advance finds a timer that was moved since the caller read it") { bed in
            var enrollment = try bed.enrol("budi")
            let read = enrollment.current
            enrollment.current?.dueAt = StoreBed.start + .hours(1)
            try bed.commit { try $0.advance(enrollment, was: read, entry: nil) }
            enrollment.current?.dueAt = StoreBed.start + .hours(2)
            try bed.commit { try $0.advance(enrollment, was: read, entry: nil) }
            try expectEqual(try bed.nextDueAt(), StoreBed.start + .hours(2), "one timer, the new one")
        },
        StoreConformance("an active enrollment without a step to come is refused") { bed in
            var enrollment = try bed.enrol("budi")
            enrollment.current = nil
            let error = try bed.failure { try $0.advance(enrollment, was: StoreBed.step(), entry: nil) }
            try expectEqual(error.kind, .misuse, "the kind of error")
        },
        StoreConformance("a lead or an enrollment that is not there is refused") { bed in
            let ghost = LeadID(rawValue: 77)
            let noLead = try bed.failure { _ = try $0.enroll(ghost, in: StoreBed.news, at: StoreBed.start, first: nil) }
            try expectEqual(noLead.kind, .misuse, "enrolling nobody")
            var enrollment = try bed.enrol("budi")
            enrollment.id = EnrollmentID(rawValue: enrollment.id.rawValue + 1)
            let noEnrollment = try bed.failure { try $0.advance(enrollment, was: nil, entry: nil) }
            try expectEqual(noEnrollment.kind, .misuse, "advancing nothing")
            let noEntry = try bed.failure {
                try $0.journal(JournalEntry(at: StoreBed.start, kind: .event, lead: ghost))
            }
            try expectEqual(noEntry.kind, .misuse, "journaling nobody")
        },
        StoreConformance("a lead can be in a hundred campaigns") { bed in
            for number in 0..<100 { try bed.enrol("budi", in: CampaignID(rawValue: "campaign \(number)")) }
            let lead = try unwrap(try bed.read { try $0.lead(key: "budi@example.com") }, "the lead")
            let campaigns = try bed.read { try $0.enrollments(of: lead.id).map(\.campaign.rawValue) }
            try expectEqual(campaigns, (0..<100).map { "campaign \($0)" }, "its campaigns")
        },
    ]

    static let claimCases: [StoreConformance] = [
        StoreConformance("due work comes in the order of its due instant, over all campaigns, up to the limit") { bed in
            let order = [5, 3, 9, 1, 7, 0, 8, 2, 6, 4]
            for number in order {
                let campaign = CampaignID(rawValue: "campaign \(number % 3)")
                try bed.enrol("lead\(number)", in: campaign, first: StoreBed.step(planned: .minutes(Int64(number))))
            }
            func due(_ minutes: Int64, limit: Int) throws -> [String] {
                try bed.commit { transaction in
                    let claims = try transaction.claimDue(
                        .email, now: StoreBed.start + .minutes(minutes), limit: limit)
                    for claim in claims {
                        try expectEqual(claim.pending, claim.enrollment.current, "the pending step of a claim")
                        try transaction.advance(claim.enrollment, was: claim.pending, entry: nil)
                    }
                    return claims.map { String($0.lead.key.prefix { $0 != "@" }) }
                }
            }
            try expectEqual(try due(-1, limit: 10), [], "nothing is due before its instant")
            try expectEqual(try due(0, limit: 10), ["lead0"], "due at its very instant")
            try expectEqual(try due(4, limit: 10), (0...4).map { "lead\($0)" }, "up to now")
            try expectEqual(try due(60, limit: 4), (0...3).map { "lead\($0)" }, "up to the limit")
            try expectEqual(try due(60, limit: 100), (0...9).map { "lead\($0)" }, "all")
            try expectEqual(try due(60, limit: 0), [], "a limit of none")
        },
        StoreConformance("a crowd of many campaigns is merged exactly") { bed in
            var random = SplitMix64(seed: 7)
            var expected: [(Int64, Int64)] = []
            try bed.commit { transaction in
                for number in 0..<700 {
                    let lead = try transaction.upsert(try StoreBed.draft("lead\(number)")).lead
                    let minutes = Int64.random(in: 0..<50, using: &random)
                    let id = try transaction.enroll(
                        lead.id, in: CampaignID(rawValue: "campaign \(number % 37)"), at: StoreBed.start,
                        first: StoreBed.step(planned: .minutes(minutes)))
                    expected.append((minutes, try unwrap(id, "an enrollment").rawValue))
                }
            }
            expected.sort { $0 < $1 }
            for limit in [1, 17, 64, 400, 1_000] {
                let claims = try bed.commit { transaction in
                    let claims = try transaction.claimDue(.email, now: StoreBed.start + .hours(1), limit: limit)
                    for claim in claims { try transaction.advance(claim.enrollment, was: claim.pending, entry: nil) }
                    return claims
                }
                let due = claims.map { ($0.pending.dueAt - StoreBed.start).milliseconds / 60_000 }
                try expectEqual(due, expected.prefix(limit).map(\.0), "due instants of the first \(limit)")
                try expectEqual(
                    claims.map(\.enrollment.id.rawValue), expected.prefix(limit).map(\.1),
                    "by number where they are equal")
            }
        },
        StoreConformance("routes are apart, and the next due instant is the earliest of each") { bed in
            try bed.enrol("a", first: StoreBed.step(route: .http, planned: .hours(1)))
            try bed.enrol("b", first: StoreBed.step(route: .email, planned: .hours(2)))
            try bed.enrol("c", in: StoreBed.news, first: StoreBed.step(route: .email, planned: .hours(3)))
            try expectEqual(try bed.nextDueAt(.http), StoreBed.start + .hours(1), "http")
            try expectEqual(try bed.nextDueAt(.email), StoreBed.start + .hours(2), "email")
            let marked = try bed.markDue(at: StoreBed.start + .hours(9), route: .http)
            try expectEqual(marked.count, 1, "only its own route")
            try expectEqual(try bed.nextDueAt(.http), nil, "http is empty")
            try expectEqual(try bed.nextDueAt(.email), StoreBed.start + .hours(2), "email as before")
            let first = try bed.markDue(at: StoreBed.start + .hours(2))
            try expectEqual(first.count, 1, "the first of two")
            try expectEqual(try bed.nextDueAt(.email), StoreBed.start + .hours(3), "the next of another campaign")
        },
        StoreConformance("what is held for ever never comes due and is still there") { bed in
            var step = StoreBed.step()
            step.dueAt = .distantFuture
            let enrollment = try bed.enrol("budi", first: step)
            try expectEqual(try bed.nextDueAt(), .distantFuture, "the next due instant")
            try expectEqual(try bed.markDue(at: StoreBed.start + .days(36_500)).count, 0, "claimed in a century")
            try expectEqual(try bed.enrollment("budi"), enrollment, "the enrollment")
        },
        StoreConformance("a claim holds every fact") { bed in
            let draft = try StoreBed.draft("budi", zone: "Europe/Berlin", locale: "de", attributes: ["n": .number(1)])
            let suppression = Suppression(cause: .complained, note: "FBL", since: StoreBed.start)
            let lead = try bed.commit { transaction in
                _ = try transaction.suppress(try unwrap(draft.address, "address"), suppression)
                let lead = try transaction.upsert(draft).lead
                _ = try transaction.enroll(lead.id, in: StoreBed.nurture, at: StoreBed.start, first: StoreBed.step())
                return lead
            }
            let claims = try bed.commit { transaction in
                let claims = try transaction.claimDue(.email, now: StoreBed.start, limit: 9)
                for claim in claims { try transaction.advance(claim.enrollment, was: claim.pending, entry: nil) }
                return claims
            }
            let expected = Claim(
                enrollment: try bed.enrollment("budi"), pending: StoreBed.step(), lead: lead, suppression: suppression,
                ledger: ChargeLedger(), delivery: nil)
            try expectEqual(claims, [expected], "the claim")
        },
        StoreConformance("a lead without an address is claimed for its route") { bed in
            try bed.commit { transaction in
                let lead = try transaction.upsert(LeadDraft(key: "crm-1", address: nil)).lead
                _ = try transaction.enroll(
                    lead.id, in: StoreBed.nurture, at: StoreBed.start, first: StoreBed.step(route: .http))
            }
            let marked = try bed.markDue(at: StoreBed.start, route: .http)
            try expectEqual(marked.count, 1, "marked")
            try bed.settle(marked[0], as: .accepted, at: StoreBed.start)
        },
    ]
}
