import DripCore
import DripStore

extension StoreConformance {
    /// Claims what is due, answers it by leaving it as it is, and shows each claim as `lead/campaign: rivals`.
    private static func claimed(
        _ bed: StoreBed, _ route: Route = .email, at now: Instant = StoreBed.start, limit: Int = 9
    ) throws -> [String] {
        try bed.commit { transaction in
            try transaction.claimDue(route, now: now, limit: limit).map { claim in
                let asked = try transaction.rivals(of: claim.enrollment.id)
                try expectEqual(claim.rivals, asked, "the rivals of a claim, asked for alone")
                let name = claim.lead.key.prefix { $0 != "@" }
                return "\(name)/\(claim.enrollment.campaign): "
                    + claim.rivals.map { "\($0.campaign)" }.joined(separator: " ")
            }
        }
    }

    private static func campaign(_ name: String) -> CampaignID { CampaignID(rawValue: name) }

    static let rivalCases: [StoreConformance] = [
        StoreConformance("a lead with one enrollment has no rivals, and neither has one without a mailbox") { bed in
            try bed.enrol("budi", in: campaign("a"))
            try bed.commit { transaction in
                let lead = try transaction.upsert(LeadDraft(key: "crm", address: nil)).lead
                for name in ["a", "b"] {
                    _ = try transaction.enroll(
                        lead.id, in: campaign(name), at: StoreBed.start, first: StoreBed.step())
                }
            }
            try expectEqual(try claimed(bed), ["budi/a: ", "crm/a: ", "crm/b: "], "nobody to compete with")
        },
        StoreConformance("a claim carries what else its mailbox waits for, with all that a decision needs") { bed in
            try bed.enrol("budi", in: campaign("a"))
            let step = PendingStep(
                step: StepID(rawValue: "offer"), route: .http, plannedAt: StoreBed.start + .hours(6),
                dueAt: StoreBed.start + .hours(7), waitingFor: .capped, permittedAt: StoreBed.start + .hours(6),
                deferred: .hours(1), late: .minutes(1))
            let other = try bed.enrol("budi", in: campaign("b"), first: step, version: "3fa8c2d11e07")
            _ = try bed.commit { try $0.upsert(try StoreBed.draft("budi", zone: "Asia/Jakarta")) }
            let rivals = try bed.commit { transaction in
                try transaction.claimDue(.email, now: StoreBed.start, limit: 1).flatMap(\.rivals)
            }
            let expected = Rival(
                enrollment: other.id, campaign: campaign("b"), version: "3fa8c2d11e07", pending: step,
                zoneName: "Asia/Jakarta")
            try expectEqual(rivals, [expected], "the rival")
        },
        StoreConformance("all that is due of a mailbox is claimed together, beyond the limit") { bed in
            for (number, name) in ["a", "b", "c"].enumerated() {
                try bed.enrol("budi", in: campaign(name), first: StoreBed.step(planned: .minutes(Int64(3 - number))))
            }
            try bed.enrol("budi", in: campaign("later"), first: StoreBed.step(planned: .hours(9)))
            try bed.enrol("budi", in: campaign("post"), first: StoreBed.step(route: .http))
            try bed.enrol("siti", in: campaign("a"), first: StoreBed.step(planned: .minutes(2)))
            let now = StoreBed.start + .minutes(5)
            let budis = [
                "budi/c: a b later post", "budi/b: a c later post", "budi/a: b c later post",
            ]
            try expectEqual(try claimed(bed, at: now, limit: 1), budis, "by due instant")
            try expectEqual(try claimed(bed, at: now, limit: 2), budis, "the limit counts them")
            try expectEqual(try claimed(bed, at: now), budis + ["siti/a: "], "and the rest in its order")
            try expectEqual(try claimed(bed, .http, at: now), ["budi/post: a b c later"], "each route alone")
        },
        StoreConformance("what was claimed and not answered stays due") { bed in
            try bed.enrol("budi", in: campaign("a"))
            try bed.enrol("budi", in: campaign("b"))
            try bed.commit { transaction in
                let claims = try transaction.claimDue(.email, now: StoreBed.start, limit: 1)
                try expectEqual(claims.count, 2, "both")
                _ = try transaction.mark(claims[1], at: StoreBed.start, charging: StoreBed.touch)
            }
            try expectEqual(try bed.nextDueAt(), StoreBed.start, "still due")
            // The other is being sent: its place in the ledger is all that is left of it.
            try expectEqual(try claimed(bed), ["budi/a: "], "alone now")
        },
        StoreConformance("what is paused, completed, exited or being sent is no rival; what waits for a retry is") {
            bed in
            for name in ["a", "b", "c"] { try bed.enrol("budi", in: campaign(name)) }
            try bed.enrol("budi", in: campaign("done"), first: nil)
            var paused = try bed.enrollment("budi", in: campaign("b"))
            paused.status = .paused
            try bed.commit { try $0.advance(paused, was: paused.current, entry: nil) }
            let delivery = try bed.commit { transaction in
                let claims = try transaction.claimDue(.email, now: StoreBed.start, limit: 9)
                return try transaction.mark(claims[1], at: StoreBed.start, charging: StoreBed.touch)
            }
            try expectEqual(try claimed(bed), ["budi/a: "], "c is being sent")
            try bed.putBack(delivery, until: .hours(1))
            try expectEqual(try claimed(bed), ["budi/a: c"], "c waits for its next attempt")
            let later = StoreBed.start + .hours(1)
            try expectEqual(try claimed(bed, at: later), ["budi/a: c", "budi/c: a"], "and is claimed with its rival")
        },
        StoreConformance("a held campaign is neither claimed with its rivals nor one itself") { bed in
            for name in ["a", "b", "c"] { try bed.enrol("budi", in: campaign(name)) }
            let hold = Hold(target: .campaign(campaign("b")), since: StoreBed.start, note: "")
            _ = try bed.commit { try $0.hold(hold) }
            try expectEqual(try claimed(bed, limit: 1), ["budi/a: c", "budi/c: a"], "while it is held")
            _ = try bed.commit { try $0.release(hold.target) }
            try expectEqual(
                try claimed(bed, limit: 1), ["budi/a: b c", "budi/b: a c", "budi/c: a b"], "when it is released")
        },
        StoreConformance("a mailbox that a crowd shares is claimed once each, with a bounded number of rivals") { bed in
            let address = try EmailAddress("info@example.com")
            let count = 3 * Rival.limit
            try bed.commit { transaction in
                for number in 0..<count {
                    let lead = try transaction.upsert(LeadDraft(key: "crm-\(number)", address: address)).lead
                    _ = try transaction.enroll(
                        lead.id, in: campaign("a"), at: StoreBed.start, first: StoreBed.step())
                }
            }
            let claims = try bed.commit { try $0.claimDue(.email, now: StoreBed.start, limit: count) }
            try expectEqual(claims.count, count, "all of them")
            try expectEqual(Set(claims.map(\.enrollment.id)).count, count, "each once")
            try expect(claims.allSatisfy { $0.rivals.count == Rival.limit }, "so many rivals")
            try expect(
                claims.allSatisfy { claim in !claim.rivals.contains { $0.enrollment == claim.enrollment.id } },
                "none its own rival")
            let few = try bed.commit { try $0.claimDue(.email, now: StoreBed.start, limit: 1) }
            try expect(few.count <= Rival.limit + 1, "together with no more than its rivals")
        },
        StoreConformance("only so many leads of a mailbox are looked at for rivals, the last to come first") { bed in
            let address = try EmailAddress("info@example.com")
            let count = Rival.leadLimit + 1
            try bed.commit { transaction in
                for number in 0..<count {
                    let lead = try transaction.upsert(LeadDraft(key: "crm-\(number)", address: address)).lead
                    let waits = [0, 1, count - 1].contains(number)
                    _ = try transaction.enroll(
                        lead.id, in: campaign("c\(number)"), at: StoreBed.start, first: waits ? StoreBed.step() : nil)
                }
            }
            let claims = try bed.commit { try $0.claimDue(.email, now: StoreBed.start, limit: 9) }
            try expectEqual(claims.count, 3, "all are due")
            let last = try unwrap(claims.first { $0.lead.key == "crm-\(count - 1)" }, "the last to come")
            try expectEqual(last.rivals.map(\.campaign), [campaign("c1")], "the very first is too far")
        },
        StoreConformance("a claim stops at its limit; only the last mailbox may go beyond it") { bed in
            // Each mailbox has one that is due early: three timers, of three mailboxes, of three each.
            for lead in ["budi", "siti", "tono"] {
                try bed.enrol(lead, in: campaign("a"))
                for name in ["b", "c"] {
                    try bed.enrol(lead, in: campaign(name), first: StoreBed.step(planned: .minutes(1)))
                }
            }
            let now = StoreBed.start + .minutes(1)
            let claims = try bed.commit { try $0.claimDue(.email, now: now, limit: 3) }
            try expectEqual(claims.map(\.lead.key), Array(repeating: "budi@example.com", count: 3), "one mailbox")
            let more = try bed.commit { try $0.claimDue(.email, now: now, limit: 4) }
            try expectEqual(more.count, 6, "two mailboxes")
        },
        StoreConformance("a rival says until when its lead is paused, also within the commit that pauses it") { bed in
            let lead = try bed.enrol("budi", in: campaign("a")).lead
            try bed.enrol("budi", in: campaign("b"))
            let until = StoreBed.start + .hours(3)
            let paused = try bed.commit { transaction in
                let claim = try transaction.claimDue(.email, now: StoreBed.start, limit: 1)[0]
                try expectEqual(claim.rivals.map(\.pausedUntil), [nil], "before")
                try transaction.pause(lead, LeadPause(since: StoreBed.start, until: until, note: ""))
                return try transaction.rivals(of: claim.enrollment.id).map(\.pausedUntil)
            }
            try expectEqual(paused, [until], "after")
        },
        StoreConformance("leads that share a mailbox compete, each in its own zone") { bed in
            let address = try EmailAddress("shared@example.com")
            try bed.commit { transaction in
                for (key, zone) in [("one", "Asia/Jakarta"), ("two", nil), ("three", "Europe/Berlin")] {
                    let draft = LeadDraft(key: key, address: address, zoneName: zone)
                    let lead = try transaction.upsert(draft).lead
                    _ = try transaction.enroll(
                        lead.id, in: campaign(key), at: StoreBed.start, first: StoreBed.step())
                }
            }
            try expectEqual(
                try claimed(bed, limit: 1), ["one/one: two three", "two/two: one three", "three/three: one two"],
                "all three")
            let zones = try bed.commit {
                try $0.claimDue(.email, now: StoreBed.start, limit: 1)[1].rivals.map(\.zoneName)
            }
            try expectEqual(zones, ["Asia/Jakarta", "Europe/Berlin"], "their zones")
            // One moves away: the last of a list, the first and the middle must all be found.
            _ = try bed.commit {
                try $0.upsert(LeadDraft(key: "three", address: try EmailAddress("alone@example.com")))
            }
            try expectEqual(
                try claimed(bed), ["one/one: two", "two/two: one", "three/three: "], "after a move")
        },
    ]
}
