import DripCore
import DripStore

extension StoreConformance {
    static let leadCases: [StoreConformance] = [
        StoreConformance("a lead comes back as it was stored") { bed in
            let draft = try StoreBed.draft(
                "Budi.Santoso", zone: "Asia/Jakarta", locale: "id",
                attributes: [
                    "first_name": .text("Budi"), "employees": .number(250), "ratio": .number(-0.125),
                    "customer": .flag(false), "vip": .flag(true),
                    "tags": .list(try ValueList([.text("vip"), .text("Early bird"), .number(7), .flag(true)])),
                ])
            let stored = try bed.commit { try $0.upsert(draft) }
            try expect(stored.isNew, "a first upsert is new")
            let found = try unwrap(try bed.read { try $0.lead(key: draft.key) }, "the lead")
            try expectEqual(found, stored.lead, "the lead")
            try expectEqual(found.address?.text, "Budi.Santoso@example.com", "the address as written")
            try expectEqual(found.attributes, draft.attributes, "the attributes")
            try expectEqual(found.zoneName, "Asia/Jakarta", "the zone")
            try expectEqual(found.locale, "id", "the locale")
            try expectEqual(try bed.read { try $0.lead(key: "nobody@example.com") }, nil, "an unknown key")
        },
        StoreConformance("an upsert of a known key updates, and leaves alone what it does not say") { bed in
            let first = try bed.commit {
                try $0.upsert(
                    try StoreBed.draft(
                        "budi", zone: "Asia/Jakarta", locale: "id",
                        attributes: ["a": .text("1"), "b": .text("2"), "c": .number(3)]))
            }
            let second = try bed.commit {
                try $0.upsert(
                    LeadDraft(
                        key: "budi@example.com", address: nil, locale: "en",
                        attributes: ["b": .text("  "), "c": .number(4), "d": .flag(true)]))
            }
            try expect(!second.isNew, "a second upsert is not new")
            try expectEqual(second.lead.id, first.lead.id, "its number")
            try expectEqual(
                second.lead.attributes, ["a": .text("1"), "c": .number(4), "d": .flag(true)],
                "merged attributes, a blank one removed")
            try expectEqual(second.lead.zoneName, "Asia/Jakarta", "the zone that was not said")
            try expectEqual(second.lead.locale, "en", "the locale that was")
            try expectEqual(second.lead.address, first.lead.address, "the address that was not said")
            try expectEqual(try bed.read { try $0.lead(key: "budi@example.com") }, second.lead, "what is stored")
            try expectEqual(try bed.status().leads, 1, "leads in the status")
        },
        StoreConformance("a blank attribute of a new lead is not stored") { bed in
            let blank: [String: AttributeValue] = ["a": .text(" "), "b": .list(.empty)]
            let lead = try bed.commit { try $0.upsert(try StoreBed.draft("budi", attributes: blank)).lead }
            try expectEqual(lead.attributes, [:], "attributes")
        },
        StoreConformance("a list takes the place of what was there, and an empty one removes it") { bed in
            func upsert(_ value: AttributeValue) throws -> Lead {
                try bed.commit { try $0.upsert(try StoreBed.draft("budi", attributes: ["tags": value])).lead }
            }
            for words in [["vip"], ["vip", "gold"], ["gold"]] {
                let list = AttributeValue.list(try ValueList(words.map(AttributeValue.text)))
                try expectEqual(try upsert(list).attributes, ["tags": list], "the list")
                let found = try bed.read { try $0.lead(key: "budi@example.com") }
                try expectEqual(found?.attributes, ["tags": list], "what is stored")
            }
            try expectEqual(try upsert(.list(.empty)).attributes, [:], "what is left")
            try expectEqual(try bed.read { try $0.lead(key: "budi@example.com") }?.attributes, [:], "what is stored")
        },
        StoreConformance("a lead without an address has none, and no ledger") { bed in
            let lead = try bed.commit { try $0.upsert(LeadDraft(key: "crm-1", address: nil)).lead }
            try expectEqual(lead.address, nil, "address")
            let found = try bed.read { try $0.lead(key: "crm-1") }
            try expectEqual(found, lead, "the lead")
        },
        StoreConformance("an external id and an address find the same leads") { bed in
            let address = try EmailAddress("Shared@example.com")
            let (one, two) = try bed.commit { transaction in
                let one = try transaction.upsert(LeadDraft(key: "crm-1", address: address)).lead
                let other = try EmailAddress("shared@EXAMPLE.com")
                return (one, try transaction.upsert(LeadDraft(key: "crm-2", address: other)).lead)
            }
            try bed.read { reader in
                try expectEqual(
                    try reader.leads(address: address), [one, two], "both leads of the mailbox, oldest first")
                try expectEqual(try reader.lead(key: "crm-2"), two, "by its own id")
                try expectEqual(try reader.lead(key: "shared@example.com"), nil, "the address is nobody's key")
                try expectEqual(try reader.lead(key: "crm-2")?.address?.text, "shared@EXAMPLE.com", "as written")
            }
        },
        StoreConformance("one lead may have its address as key beside others with ids of their own") { bed in
            let draft = try StoreBed.draft("budi")
            let (plain, numbered) = try bed.commit { transaction in
                let numbered = try transaction.upsert(LeadDraft(key: "crm-9", address: draft.address)).lead
                return (try transaction.upsert(draft).lead, numbered)
            }
            try expect(plain.id != numbered.id, "two leads")
            try expectEqual(try bed.read { try $0.lead(key: draft.key) }, plain, "the one whose key it is")
            try expect(!(try bed.commit { try $0.upsert(draft) }.isNew), "found again")
        },
        StoreConformance("a changed address moves the lead and not the mailbox's suppression") { bed in
            let old = try EmailAddress("old@example.com")
            let new = try EmailAddress("new@example.com")
            let cause = Suppression(cause: .unsubscribed, note: "link", since: StoreBed.start)
            let (moved, stays) = try bed.commit { transaction in
                let lead = try transaction.upsert(LeadDraft(key: "old@example.com", address: old)).lead
                let stays = try transaction.upsert(LeadDraft(key: "crm-2", address: old)).lead
                try expect(try transaction.suppress(old, cause), "a first suppression")
                let moved = try transaction.upsert(LeadDraft(key: "old@example.com", address: new))
                try expectEqual(moved.lead.id, lead.id, "the same lead")
                try expectEqual(moved.was, old, "where it was")
                try expectEqual(moved.suppression, nil, "the new mailbox is free")
                return (moved.lead, stays)
            }
            try bed.read { reader in
                try expectEqual(try reader.leads(address: old), [stays], "left behind")
                try expectEqual(try reader.leads(address: new), [moved], "moved")
                try expectEqual(try reader.lead(key: "old@example.com"), moved, "the key stays")
                try expectEqual(try reader.lead(key: "new@example.com"), nil, "no new key")
                try expectEqual(try reader.suppression(of: old), cause, "stays with its mailbox")
                try expectEqual(try reader.suppression(of: new), nil, "not carried along")
            }
            let back = try bed.commit { try $0.upsert(LeadDraft(key: "old@example.com", address: old)) }
            try expectEqual(back.suppression, cause, "back, it meets its suppression again")
            try expectEqual(try bed.read { try $0.leads(address: old).count }, 2, "both again")
            try expectEqual(try bed.read { try $0.leads(address: new) }, [], "none left")
        },
        StoreConformance("a changed address leaves the charges behind, also of what is tried again") { bed in
            let new = try EmailAddress("new@example.com")
            try bed.enrol("budi")
            let delivery = try bed.markOne()
            let moved = try bed.commit { try $0.upsert(LeadDraft(key: "budi@example.com", address: new)) }
            try expectEqual(moved.was?.normalised, "budi@example.com", "where it was")
            try expectEqual(try bed.ledger("budi"), StoreBed.open(delivery.id, at: StoreBed.start), "under way")
            try expectEqual(try bed.ledger("new"), ChargeLedger(), "its own")
            try bed.settle(
                delivery, as: .accepted, next: StoreBed.step("two", planned: .hours(1)),
                at: StoreBed.start + .minutes(1))
            try expectEqual(try bed.ledger("budi"), StoreBed.settled([StoreBed.start]), "kept by the old one")
            let second = try bed.markOne(at: StoreBed.start + .hours(1))
            try expectEqual(
                try bed.ledger("new"), StoreBed.open(second.id, at: StoreBed.start + .hours(1)), "the next one's")
            try expectEqual(try bed.ledger("budi"), StoreBed.settled([StoreBed.start]), "as it was")
            // The same mailbox, written otherwise, is no change.
            let written = try bed.commit {
                try $0.upsert(LeadDraft(key: "budi@example.com", address: try EmailAddress("New@example.com")))
            }
            try expectEqual(written.was, nil, "no other mailbox")
            try expectEqual(written.lead.address?.text, "New@example.com", "as written")
        },
        StoreConformance("hostile text comes back byte for byte") { bed in
            let long = String(repeating: "é🦊", count: 17_000)
            for (index, text) in ["a\u{0}b", "\u{0}", "🦊👩‍👩‍👧", "'; DROP TABLE leads; --", "\r\n.\r\n", long].enumerated() {
                let lead = try bed.commit {
                    try $0.upsert(
                        LeadDraft(
                            key: "key \(index) \(text)", address: nil, zoneName: text, locale: text,
                            attributes: [text: .text(text + "x")])
                    ).lead
                }
                let found = try bed.read { try $0.lead(key: "key \(index) \(text)") }
                try expectEqual(found, lead, "the lead of text \(index)")
                try expectEqual(found?.attributes, [text: .text(text + "x")], "its attribute")
                try expectEqual(found?.zoneName.map { Array($0.utf8) }, Array(text.utf8), "its zone, bytewise")
            }
        },
        StoreConformance("ten thousand different zones and attribute names are kept as well") { bed in
            for start in stride(from: 0, to: 10_000, by: 1_000) {
                try bed.commit { transaction in
                    for number in start..<start + 1_000 {
                        _ = try transaction.upsert(
                            LeadDraft(
                                key: "k\(number)", address: nil, zoneName: "Zone/\(number)",
                                attributes: ["name \(number)": .number(Double(number))]))
                    }
                }
            }
            for number in [0, 4_095, 4_096, 9_999] {
                let lead = try unwrap(try bed.read { try $0.lead(key: "k\(number)") }, "lead \(number)")
                try expectEqual(lead.zoneName, "Zone/\(number)", "zone")
                try expectEqual(lead.attributes, ["name \(number)": .number(Double(number))], "attributes")
            }
        },
    ]

    static let mailboxCases: [StoreConformance] = [
        StoreConformance("the first suppression stays, for leads of now and later") { bed in
            let address = try EmailAddress("Budi@example.com")
            let first = Suppression(cause: .bounced, note: "550 5.1.1 user unknown", since: StoreBed.start)
            let later = Suppression(cause: .manual, note: "root", since: StoreBed.start + .hours(1))
            try bed.commit { transaction in
                try expect(try transaction.suppress(address, first), "the first is new")
                try expect(!(try transaction.suppress(try EmailAddress("budi@example.com"), later)), "a second is not")
            }
            try expectEqual(try bed.read { try $0.suppression(of: address) }, first, "the first cause stays")
            let upserted = try bed.commit { try $0.upsert(try StoreBed.draft("budi")) }
            try expectEqual(upserted.suppression, first, "a lead that comes later meets it")
            try expectEqual(try bed.status().suppressedMailboxes, 1, "in the status")
            let stronger = Suppression(cause: .complained, note: "FBL", since: StoreBed.start + .hours(2))
            try expect(try bed.commit { try $0.suppress(address, stronger) }, "a cause that outranks it is new")
            try expectEqual(try bed.read { try $0.suppression(of: address) }, stronger, "and replaces it")
            try expectEqual(try bed.status().suppressedMailboxes, 1, "still one")
            try expectEqual(
                try bed.read { try $0.suppression(of: try EmailAddress("x@example.com")) }, nil, "an unknown mailbox")
        },
        StoreConformance("a suppression that is taken back is gone, and can come again") { bed in
            let address = try EmailAddress("budi@example.com")
            try expectEqual(try bed.commit { try $0.unsuppress(address) }, nil, "of an unknown mailbox")
            try bed.enrol("budi")
            try expectEqual(try bed.commit { try $0.unsuppress(address) }, nil, "of one that is not on the list")
            let suppression = Suppression(cause: .manual, note: "root", since: StoreBed.start)
            _ = try bed.commit { try $0.suppress(address, suppression) }
            try expectEqual(try bed.commit { try $0.unsuppress(address) }, suppression, "what it was")
            try expectEqual(try bed.read { try $0.suppression(of: address) }, nil, "gone")
            try expectEqual(try bed.status().suppressedMailboxes, 0, "in the status")
            let claim = try bed.commit { try $0.claimDue(.email, now: StoreBed.start, limit: 1) }
            try expectEqual(claim.first?.suppression, nil, "in a claim")
            try expect(try bed.commit { try $0.suppress(address, suppression) }, "it can come again")
        },
        StoreConformance("a mailbox opts out of topics, for leads of now and later, and in again") { bed in
            let address = try EmailAddress("Budi@example.com")
            func optOut(_ topic: String, _ hours: Int64, _ note: String = "") -> OptOut {
                OptOut(topic: TopicID(rawValue: topic), note: note, since: StoreBed.start + .hours(hours))
            }
            let (first, second) = (optOut("promotions", 0, "by phone, \"4711\" 🦊"), optOut("education", -9))
            try expectEqual(try bed.read { try $0.optOuts(of: address) }, [], "of an unknown mailbox")
            try bed.commit { transaction in
                try expect(try transaction.optOut(address, first), "the first is new")
                try expect(
                    !(try transaction.optOut(try EmailAddress("budi@example.com"), optOut("promotions", 5))), "again")
                try expectEqual(try transaction.optOuts(of: address), [first], "inside the commit")
                try expect(try transaction.optOut(address, second), "another topic")
            }
            try expectEqual(try bed.read { try $0.optOuts(of: address) }, [first, second], "in their order")
            try expectEqual(try bed.read { try $0.suppression(of: address) }, nil, "it is no suppression")
            try expectEqual(
                try bed.commit { try $0.upsert(try StoreBed.draft("budi")) }.optOuts, [first, second], "upsert")
            try bed.enrol("budi")
            let claim = try bed.commit { try $0.claimDue(.email, now: StoreBed.start, limit: 1) }
            try expectEqual(claim.first?.optOuts, [first, second], "in a claim")
            try expectEqual(try bed.commit { try $0.optIn(address, to: first.topic) }, first, "taken back")
            try expectEqual(try bed.commit { try $0.optIn(address, to: first.topic) }, nil, "once")
            try expectEqual(try bed.read { try $0.optOuts(of: address) }, [second], "the other stays")
            // They are the mailbox's, not the person's.
            let moved = try bed.commit {
                try $0.upsert(LeadDraft(key: "budi@example.com", address: try EmailAddress("new@example.com")))
            }
            try expectEqual(moved.optOuts, [], "the new mailbox has said nothing")
            try expectEqual(try bed.read { try $0.optOuts(of: address) }, [second], "the old one still has")
        },
        StoreConformance("every cause comes back") { bed in
            for cause in Suppression.Cause.allCases {
                let address = try EmailAddress("\(cause.rawValue)@example.com")
                let suppression = Suppression(cause: cause, note: "", since: StoreBed.start)
                _ = try bed.commit { try $0.suppress(address, suppression) }
                try expectEqual(try bed.read { try $0.suppression(of: address) }, suppression, cause.rawValue)
            }
        },
    ]
}
