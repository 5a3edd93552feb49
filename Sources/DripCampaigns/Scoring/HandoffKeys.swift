import DripCore

// `handoff` of `scoring.yaml`: who in sales takes leads over.

enum HandoffKeys {
    static let owners = Key(
        "owners", .list(.item(OwnerKeys.spec, build: OwnerKeys.build), atMost: 200), required: true,
        example: "owners: [ { name: Rini, email: rini@rumpun.example } ]",
        "Who takes leads over, in the order of their turns.")
    static let acceptWithin = Key(
        "accept_within", .span(.minutes(1) ... .days(100)), standard: "no promise", example: "accept_within: 4h",
        "Within how much of their working time they accept a lead; it is counted who does.")
    static let followUpWithin = Key(
        "follow_up_within", .span(.minutes(1) ... .days(100)), standard: "no promise", example: "follow_up_within: 8h",
        "Within how much of it after that they turn to the lead for the first time; it is counted who does.")

    static let spec = MappingSpec("the handoff", keys: [owners.spec, acceptWithin.spec, followUpWithin.spec])

    static func build(_ group: MappingReader) -> Handoff? {
        let owners = group.value(owners)
        let acceptWithin = group.value(acceptWithin)
        let followUpWithin = group.value(followUpWithin)
        guard let owners, acceptWithin != nil || !group.has(Self.acceptWithin),
            followUpWithin != nil || !group.has(Self.followUpWithin)
        else { return nil }
        var seen: Set<String> = []
        for owner in owners where !seen.insert(owner.value.name.lowercased()).inserted {
            group.reading.error(
                at: owner.place, "two owners are called \(quoted(owner.value.name))",
                hint: "Give each a name of their own: leads know theirs by it.")
            return nil
        }
        guard !owners.isEmpty else {
            group.reading.error(
                at: group.place(of: Self.owners), "nobody takes leads over",
                hint: "Write it as in `\(Self.owners.spec.example)`.")
            return nil
        }
        if owners.allSatisfy({ $0.value.takes != nil }) {
            group.reading.findings.warning(
                at: group.place(of: Self.owners), "a lead of whom no `takes` holds is given to nobody",
                hint: "Let one owner have no `takes`: they take whoever is nobody else's.")
        }
        return Handoff(owners: owners.map(\.value), acceptWithin: acceptWithin, followUpWithin: followUpWithin)
    }
}

enum OwnerKeys {
    static let name = Key(
        "name", .text, required: true, example: "name: Rini", "By which leads know them: their attribute `owner`.")
    static let email = Key(
        "email", .address, required: true, example: "email: rini@rumpun.example", "Where `notify: { to: owner }` goes.")
    static let takes = Key(
        "takes", .condition, standard: "whoever is nobody else's", example: "takes: { country: Indonesia }",
        "Their territory: whom they take before everybody without one.")
    static let weight = Key(
        "weight", .integer(1...100), standard: "1", example: "weight: 2",
        "How many leads they get for one of somebody whose weight is 1.")
    static let zone = Key(
        "time_zone", .zone, standard: "the policy's", example: "time_zone: Asia/Jakarta", "Where they work.")
    static let away = Key(
        "away", .list(.holiday, atMost: 1_000), standard: "never",
        example: "away: [ { from: 2026-12-21, to: 2026-12-31 } ]", "Days on which they are away.")

    static let spec = MappingSpec(
        "an owner",
        keys: [
            name.spec, email.spec, takes.spec, weight.spec, zone.spec, WindowKeys.days.spec, WindowKeys.hours.spec,
            WindowKeys.holidays.spec, away.spec,
        ],
        foreign: [
            "if": "Write `takes`.", "territory": "Write `takes`.", "address": "Write `email`.",
            "timezone": "Write `time_zone`.", "out_of_office": "Write `away`.",
        ])

    static func build(_ group: MappingReader) -> Located<Owner>? {
        let name = group.value(name)
        let email = group.value(email)
        let takes = group.value(takes)
        let weight = group.value(weight)
        let zone = group.value(zone)
        let window = WindowKeys.build(group)
        let away = group.value(away)
        guard let name, let email, let window, takes != nil || !group.has(Self.takes),
            weight != nil || !group.has(Self.weight), zone != nil || !group.has(Self.zone),
            away != nil || !group.has(Self.away)
        else { return nil }
        guard takes?.isOfAttributes ?? true else {
            group.reading.error(
                at: group.place(of: Self.takes),
                "a territory is who a lead is: its condition asks for attributes alone",
                hint: "Take away `did`, `stage`, points, `in` and `ago`.")
            return nil
        }
        guard name.utf8.count <= 100 else {
            group.reading.error(
                at: group.place(of: Self.name), "the name is longer than 100 bytes", hint: "Write a shorter one.")
            return nil
        }
        let times = SendTimes(window: window.window, holidays: window.holidays)
        return Located(
            Owner(
                name: name, address: email, takes: takes, weight: weight ?? 1, times: times, zoneName: zone,
                away: Holidays(away ?? [])),
            at: group.place(of: Self.name))
    }
}
