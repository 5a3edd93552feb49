import DripCore
import DripStore

extension StoreConformance {
    /// Puts what is due of a lead off for its cap until `until`, as the engine does.
    private static func putOff(
        _ bed: StoreBed, _ name: String, in campaign: CampaignID, until: TimeSpan, at now: Instant = StoreBed.start
    ) throws {
        var enrollment = try bed.enrollment(name, in: campaign)
        let was = enrollment.current
        enrollment.current?.dueAt = StoreBed.start + until
        enrollment.current?.waitingFor = .capped
        enrollment.current?.deferred = (StoreBed.start + until) - now
        try bed.commit(at: now) { try $0.advance(enrollment, was: was, entry: nil) }
    }

    static let capCases: [StoreConformance] = [
        StoreConformance("leads that share a mailbox share its charges") { bed in
            let address = try EmailAddress("shared@example.com")
            try bed.commit { transaction in
                for key in ["crm-1", "crm-2"] {
                    let lead = try transaction.upsert(LeadDraft(key: key, address: address)).lead
                    _ = try transaction.enroll(
                        lead.id, in: StoreBed.nurture, at: StoreBed.start, first: StoreBed.step())
                }
            }
            let claims = try bed.commit { transaction in
                let claims = try transaction.claimDue(.email, now: StoreBed.start, limit: 9)
                let delivery = try transaction.mark(claims[0], at: StoreBed.start, charging: StoreBed.touch)
                try expectEqual(
                    try transaction.ledger(of: address), StoreBed.open(delivery.id, at: StoreBed.start),
                    "the other's charge, inside the commit")
                try transaction.advance(claims[1].enrollment, was: claims[1].pending, entry: nil)
                return claims
            }
            try expectEqual(claims.count, 2, "both were due")
            try bed.commit { transaction in
                let claim = try transaction.claimDue(.email, now: StoreBed.start, limit: 9)
                try expectEqual(claim.map(\.ledger.open.count), [1], "the other's charge, in its claim")
                for claim in claim {
                    _ = try transaction.mark(claim, at: StoreBed.start + .seconds(1), charging: StoreBed.touch)
                }
            }
            let open = try bed.read { try $0.ledger(of: address).open }
            try expectEqual(open.map(\.charge.at), [StoreBed.start, StoreBed.start + .seconds(1)], "both charges")
            for open in try bed.read({ try $0.unresolved() }) {
                try bed.settle(open.delivery, as: .accepted, at: StoreBed.start + .seconds(2))
            }
            try expectEqual(
                try bed.read { try $0.ledger(of: address) },
                StoreBed.settled([StoreBed.start, StoreBed.start + .seconds(1)]),
                "both settled")
        },
        StoreConformance("what waits for a cap is due when a delivery of its mailbox ends") { bed in
            for end in [Delivery.State.accepted, .failed, .inDoubt] {
                let name = end.name.lowercased()
                try bed.enrol(name, in: StoreBed.nurture)
                let delivery = try bed.markOne()
                try bed.enrol(name, in: StoreBed.news)
                try Self.putOff(bed, name, in: StoreBed.news, until: .hours(24))
                let now = StoreBed.start + .hours(10)
                try bed.settle(delivery, as: end, at: now)
                let woken = try bed.enrollment(name, in: StoreBed.news)
                try expectEqual(woken.current?.dueAt, now, "due at the end's instant (\(end.name))")
                try expectEqual(woken.current?.deferred, .hours(10), "deferred by what it did wait")
                try expectEqual(woken.current?.plannedAt, StoreBed.start, "planned as before")
                try expectEqual(woken.current?.waitingFor, .capped, "it still says for what")
                try expectEqual(try bed.nextDueAt(), now, "its timer")
                let claimed = try bed.markDue(at: now)
                try expectEqual(claimed.count, 1, "decided again")
                try bed.settle(claimed[0], as: .accepted, at: now)
            }
        },
        StoreConformance("the other lead of a shared mailbox is woken as well") { bed in
            let address = try EmailAddress("shared@example.com")
            let ids = try bed.commit { transaction in
                try ["crm-1", "crm-2", "crm-3"].map { key in
                    let lead = try transaction.upsert(LeadDraft(key: key, address: address)).lead
                    let id = try transaction.enroll(
                        lead.id, in: StoreBed.nurture, at: StoreBed.start, first: StoreBed.step())
                    return (lead.id, try unwrap(id, "an enrollment"))
                }
            }
            let delivery = try bed.commit { transaction in
                let claims = try transaction.claimDue(.email, now: StoreBed.start, limit: 9)
                // Two are put off before the third is marked: the order in which the engine happens to decide.
                for (claim, reason) in zip(claims.dropFirst(), [Reason.capped, .outsideWindow]) {
                    var enrollment = claim.enrollment
                    enrollment.current?.dueAt = StoreBed.start + .days(1)
                    enrollment.current?.waitingFor = reason
                    enrollment.current?.deferred = .days(1)
                    try transaction.advance(enrollment, was: claim.pending, entry: nil)
                }
                return try transaction.mark(claims[0], at: StoreBed.start, charging: StoreBed.touch)
            }
            try bed.settle(delivery, as: .accepted, at: StoreBed.start + .hours(1))
            let due = try bed.read { reader in
                try ids.map { try unwrap(try reader.enrollments(of: $0.0).first, "its row").current?.dueAt }
            }
            try expectEqual(due, [nil, StoreBed.start + .hours(1), StoreBed.start + .days(1)], "only the capped one")
        },
        StoreConformance("what is paused, sending, due already or of another mailbox is not woken") { bed in
            try bed.enrol("budi")
            let delivery = try bed.markOne()
            try bed.enrol("budi", in: StoreBed.news)
            try Self.putOff(bed, "budi", in: StoreBed.news, until: .hours(24))
            var paused = try bed.enrollment("budi", in: StoreBed.news)
            let was = paused.current
            paused.status = .paused
            try bed.commit { try $0.advance(paused, was: was, entry: nil) }
            let third = CampaignID(rawValue: "third")
            try bed.enrol("budi", in: third)
            try Self.putOff(bed, "budi", in: third, until: .hours(1))
            try bed.enrol("siti", in: third)
            try Self.putOff(bed, "siti", in: third, until: .hours(24))
            try bed.settle(delivery, as: .accepted, at: StoreBed.start + .hours(2))
            try expectEqual(try bed.enrollment("budi", in: StoreBed.news), paused, "the paused one")
            try expectEqual(
                try bed.enrollment("budi", in: third).current?.dueAt, StoreBed.start + .hours(1), "the one that is due")
            try expectEqual(
                try bed.enrollment("siti", in: third).current?.dueAt, StoreBed.start + .hours(24), "another mailbox's")
        },
        StoreConformance("an end wakes no crowd, and goes on with the rest where it stopped") { bed in
            let address = try EmailAddress("info@example.com")
            let count = 2 * Rival.limit + 10
            let later = StoreBed.start + .days(1)
            try bed.commit { transaction in
                for number in 0..<count {
                    let lead = try transaction.upsert(LeadDraft(key: "crm-\(number)", address: address)).lead
                    _ = try transaction.enroll(
                        lead.id, in: StoreBed.nurture, at: StoreBed.start,
                        first: StoreBed.step(due: .days(1), waitingFor: .capped, deferred: .days(1)))
                }
                let lead = try transaction.upsert(LeadDraft(key: "sender", address: address)).lead
                for name in ["x", "y", "z"] {
                    _ = try transaction.enroll(
                        lead.id, in: CampaignID(rawValue: name), at: StoreBed.start, first: StoreBed.step())
                }
            }
            let sent = try bed.markDue(at: StoreBed.start)
            func dueBefore() throws -> Int {
                try bed.commit { try $0.claimDue(.email, now: later - .milliseconds(1), limit: 9 * count).count }
            }
            try expectEqual(try dueBefore(), 0, "all wait")
            try bed.settle(sent[0], as: .failed, at: StoreBed.start + .hours(1))
            try expectEqual(try dueBefore(), Rival.limit, "as many as one end wakes")
            // One of them does not use its place, and passes it on.
            try bed.commit { transaction in
                let claim = try transaction.claimDue(.email, now: StoreBed.start + .hours(1), limit: 1)[0]
                var over = claim.enrollment
                (over.status, over.current) = (.exited, nil)
                try transaction.advance(
                    over, was: claim.pending,
                    entry: StoreBed.entry(.exited, of: over, at: StoreBed.start + .hours(1), reason: .goalReached))
            }
            try expectEqual(try dueBefore(), Rival.limit, "one less, one more")
            try bed.settle(sent[1], as: .accepted, at: StoreBed.start + .hours(2))
            try expectEqual(try dueBefore(), 2 * Rival.limit, "the next ones")
            try bed.settle(sent[2], as: .inDoubt, at: StoreBed.start + .hours(3))
            try expectEqual(try dueBefore(), count - 1, "nobody is forgotten")
        },
        StoreConformance("what is held is not woken, and is when its hold ends") { bed in
            for target in [Hold.Target.campaign(StoreBed.news), .everything] {
                let name = target == .everything ? "siti" : "budi"
                try bed.enrol(name)
                let delivery = try bed.markOne()
                try bed.enrol(name, in: StoreBed.news)
                try Self.putOff(bed, name, in: StoreBed.news, until: .hours(24))
                let hold = Hold(target: target, since: StoreBed.start, note: "")
                _ = try bed.commit { try $0.hold(hold) }
                try bed.settle(delivery, as: .accepted, at: StoreBed.start + .hours(1))
                let held = try bed.enrollment(name, in: StoreBed.news).current?.dueAt
                try expectEqual(held, StoreBed.start + .hours(24), "while it is held")
                let now = StoreBed.start + .hours(2)
                _ = try bed.commit(at: now) { try $0.release(target) }
                try expectEqual(try bed.enrollment(name, in: StoreBed.news).current?.dueAt, now, "when it is over")
                let claimed = try bed.markDue(at: now)
                try expectEqual(claimed.count, 1, "decided again")
                try bed.settle(claimed[0], as: .accepted, at: now)
            }
        },
        StoreConformance("a wait is woken again when it waits again") { bed in
            try bed.enrol("budi")
            let first = try bed.markOne()
            try bed.enrol("budi", in: StoreBed.news)
            let third = CampaignID(rawValue: "third")
            try bed.enrol("budi", in: third)
            try Self.putOff(bed, "budi", in: third, until: .hours(24))
            let second = try bed.markOne()
            try bed.settle(first, as: .accepted, at: StoreBed.start + .hours(1))
            try Self.putOff(bed, "budi", in: third, until: .hours(25), at: StoreBed.start + .hours(1))
            try bed.settle(second, as: .failed, at: StoreBed.start + .hours(2))
            let woken = try bed.enrollment("budi", in: third).current
            try expectEqual(woken?.dueAt, StoreBed.start + .hours(2), "woken by the second end")
            try expectEqual(woken?.deferred, .hours(1), "deferred since it was put off again")
        },
        StoreConformance("a lead that waits for a cap waits for its new mailbox's when it moves") { bed in
            try bed.enrol("new", in: StoreBed.nurture)
            let delivery = try bed.markOne()
            try bed.enrol("old", in: StoreBed.news)
            try Self.putOff(bed, "old", in: StoreBed.news, until: .hours(24))
            let address = try EmailAddress("new@example.com")
            _ = try bed.commit { try $0.upsert(LeadDraft(key: "old@example.com", address: address)) }
            try bed.settle(delivery, as: .failed, at: StoreBed.start + .hours(1))
            let woken = try bed.enrollment("old", in: StoreBed.news).current
            try expectEqual(woken?.dueAt, StoreBed.start + .hours(1), "woken by the new mailbox's delivery")
        },
        StoreConformance("charges that no cap reaches are forgotten when the ledger is next written") { bed in
            try bed.enrol("budi")
            try bed.settle(
                try bed.markOne(), as: .accepted, next: StoreBed.step("b", planned: .days(10)), at: StoreBed.start)
            let second = try bed.markOne(at: StoreBed.start + .days(10))
            let next = StoreBed.step("c", planned: .days(20))
            try bed.settle(second, as: .accepted, next: next, at: StoreBed.start + .days(10))
            try expectEqual(
                try bed.ledger("budi"), StoreBed.settled([StoreBed.start, StoreBed.start + .days(10)]), "both, in order"
            )
            let third = try bed.commit(at: StoreBed.start + .days(20)) { transaction in
                transaction.pruneCharges(before: StoreBed.start + .days(9))
                let claims = try transaction.claimDue(.email, now: StoreBed.start + .days(20), limit: 1)
                return try transaction.mark(claims[0], at: StoreBed.start + .days(20), charging: StoreBed.touch)
            }
            try bed.settle(third, as: .accepted, at: StoreBed.start + .days(20))
            try expectEqual(
                try bed.ledger("budi"), StoreBed.settled([StoreBed.start + .days(10), StoreBed.start + .days(20)]),
                "the recent ones")
        },
        StoreConformance("a charge before a clock that stepped back finds its place") { bed in
            try bed.enrol("budi")
            try bed.settle(
                try bed.markOne(at: StoreBed.start + .hours(5)), as: .accepted,
                next: StoreBed.step("b", planned: .hours(-1)), at: StoreBed.start + .hours(5))
            try bed.settle(try bed.markOne(at: StoreBed.start), as: .accepted, at: StoreBed.start)
            try expectEqual(
                try bed.ledger("budi"), StoreBed.settled([StoreBed.start, StoreBed.start + .hours(5)]),
                "in order of instants")
        },
        StoreConformance("a charge knows what it was, under way and settled, and attempted again as something else") {
            bed in
            let topics: [TopicID?] = [TopicID(rawValue: "education"), nil, TopicID(rawValue: "promotions")]
            var touches: [Touch] = []
            for (number, topic) in topics.enumerated() {
                let campaign = CampaignID(rawValue: "campaign \(number)")
                let route = StoreModel.routes[number % StoreModel.routes.count]
                try bed.enrol("budi", in: campaign, first: StoreBed.step(route: route))
                let touch = Touch(channel: route.channel, campaign: campaign, topic: topic)
                touches.append(touch)
                let now = StoreBed.start + .seconds(Int64(number))
                let delivery = try bed.commit(at: now) { transaction in
                    let claim = try unwrap(
                        try transaction.claimDue(route, now: now, limit: 9).first {
                            $0.enrollment.campaign == campaign
                        }, "a claim")
                    return try transaction.mark(claim, at: now, charging: touch)
                }
                let open = ChargeLedger.Open(delivery: delivery.id, charge: Charge(at: now, touch: touch))
                try expectEqual(try bed.ledger("budi").open, [open], "under way")
                try bed.settle(delivery, as: .accepted, at: now)
                try expectEqual(try bed.ledger("budi").settled.compactMap(\.touch), touches, "settled")
            }
            try bed.enrol("siti")
            var delivery = try bed.markOne()
            try bed.putBack(delivery, until: .minutes(1))
            let topic = TopicID(rawValue: "new")
            delivery = try bed.commit { transaction in
                let claim = try transaction.claimDue(.email, now: StoreBed.start + .minutes(1), limit: 1)[0]
                let touch = Touch(channel: .email, campaign: StoreBed.nurture, topic: topic)
                return try transaction.mark(claim, at: StoreBed.start + .minutes(1), charging: touch)
            }
            try expectEqual(try bed.ledger("siti").open.map(\.charge.touch?.topic), [topic], "of the new attempt")
        },
        StoreConformance("a message that does not count is not charged, and what waits for a cap still wakes") { bed in
            try bed.enrol("budi")
            var delivery = try bed.commit { transaction in
                let claim = try transaction.claimDue(.email, now: StoreBed.start, limit: 1)[0]
                return try transaction.mark(claim, at: StoreBed.start, charging: nil)
            }
            try expectEqual(try bed.ledger("budi"), ChargeLedger(), "while it is under way")
            try bed.putBack(delivery, until: .minutes(1))
            // It counts from the next attempt on, and then no more.
            delivery = try bed.markOne(at: StoreBed.start + .minutes(1))
            try expectEqual(
                try bed.ledger("budi"), StoreBed.open(delivery.id, at: StoreBed.start + .minutes(1)), "charged now")
            try bed.enrol("budi", in: StoreBed.news)
            try Self.putOff(bed, "budi", in: StoreBed.news, until: .hours(24))
            try bed.putBack(delivery, until: .minutes(2))
            delivery = try bed.commit { transaction in
                let claim = try transaction.claimDue(.email, now: StoreBed.start + .minutes(2), limit: 1)[0]
                return try transaction.mark(claim, at: StoreBed.start + .minutes(2), charging: nil)
            }
            try bed.settle(delivery, as: .accepted, at: StoreBed.start + .hours(1))
            try expectEqual(try bed.ledger("budi"), ChargeLedger(), "accepted without a charge")
            let woken = try bed.enrollment("budi", in: StoreBed.news).current
            try expectEqual(woken?.dueAt, StoreBed.start + .hours(1), "woken")
        },
        StoreConformance("a wake gives back only what was booked, also of what gives way to another campaign") { bed in
            for (reason, hours) in [(Reason.capped, Int64(1)), (.capped, 3), (.priority, 1)] {
                let name = "\(reason.rawValue)\(hours)"
                try bed.enrol(name)
                let delivery = try bed.markOne()
                try bed.enrol(name, in: StoreBed.news)
                var enrollment = try bed.enrollment(name, in: StoreBed.news)
                let was = enrollment.current
                // A cap for two hours, and a closed window for two days behind it.
                enrollment.current?.dueAt = StoreBed.start + .days(2)
                enrollment.current?.permittedAt = StoreBed.start + .hours(2)
                enrollment.current?.waitingFor = reason
                enrollment.current?.deferred = .hours(7)
                try bed.commit { try $0.advance(enrollment, was: was, entry: nil) }
                try expectEqual(try bed.enrollment(name, in: StoreBed.news), enrollment, "as written")
                let now = StoreBed.start + .hours(hours)
                try bed.settle(delivery, as: .accepted, at: now)
                let woken = try bed.enrollment(name, in: StoreBed.news).current
                try expectEqual(woken?.dueAt, now, "woken (\(name))")
                try expectEqual(woken?.deferred, hours == 1 ? .hours(6) : .hours(7), "what it did wait (\(name))")
                try expectEqual(woken?.permittedAt, nil, "its booking is over (\(name))")
                for delivery in try bed.markDue(at: now) { try bed.settle(delivery, as: .accepted, at: now) }
            }
        },
        StoreConformance("a charge stays with the mailbox that was charged when the lead moves") { bed in
            try bed.enrol("old")
            let delivery = try bed.markOne()
            let new = try EmailAddress("new@example.com")
            _ = try bed.commit { try $0.upsert(LeadDraft(key: "old@example.com", address: new)) }
            try bed.settle(delivery, as: .accepted, at: StoreBed.start)
            try expectEqual(try bed.ledger("old"), StoreBed.settled([StoreBed.start]), "the old mailbox")
            try expectEqual(try bed.ledger("new"), ChargeLedger(), "the new one")
        },
    ]
}
