import DripCore

// `report` of `policy.yaml`.

enum ReportKeys {
    static let source = Key(
        "source", .attributeName, standard: "none", example: "source: source",
        "The attribute that says where a lead came from.")
    static let currency = Key(
        "currency",
        .scalar(.form("currency", pattern: "^[A-Z]{3}$"), "a currency's three letters", parse: currency(of:)),
        standard: "none", example: "currency: IDR", "The currency of all amounts.")
    static let segments = Key(
        "segments", .segments, standard: "none",
        example: "segments: { enterprise: { employees: { at_least: 100 } } }",
        "Whom reports tell apart: a name, and a condition on attributes of the lead.")
    static let cost = Key(
        "cost", .list(.item(CostKeys.spec, build: CostKeys.build), atMost: 5_000), standard: "none",
        example: "cost: [ { month: 2027-01, source: ads, amount: 12000000 } ]",
        "What was paid to find leads, for the cost of a customer.")

    static let digest = Key(
        "digest", .group(DigestKeys.spec, build: DigestKeys.build), standard: "none",
        example: "digest: { to: [rini@acme.example], day: monday, locale: id }",
        "Of which week `dripd report --digest` tells, in which language, and who gets it by e-mail.")

    static let spec = MappingSpec(
        "`report`", keys: [source.spec, currency.spec, segments.spec, cost.spec, digest.spec])

    static func build(_ group: MappingReader) -> ReportPolicy? {
        let (source, currency) = (group.value(source), group.value(currency))
        let (segments, costs) = (group.value(segments), group.value(cost))
        let digest = group.value(digest)
        if let costs, source == nil, costs.contains(where: { $0.source != nil }) {
            group.reading.error(
                at: group.keyPlace(of: cost), "a cost names a source, and `report` does not say where that stands",
                hint: "Add the attribute that holds it, as in `\(Self.source.spec.example)`.")
            return nil
        }
        return ReportPolicy(
            source: source, currency: currency, segments: segments ?? [:], costs: costs ?? [], digest: digest)
    }

    @Sendable private static func currency(of text: String) -> String? {
        text.utf8.count == 3 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            ? text : nil
    }
}

enum CostKeys {
    static let month = Key(
        "month",
        .scalar(.form("month", pattern: "^[0-9]{4}-(0[1-9]|1[0-2])$"), "a month such as 2027-01", parse: Month.init),
        required: true, example: "month: 2027-01", "The month for which it was paid.")
    static let source = Key(
        "source", .text, standard: "all sources", example: "source: ads",
        "The source that it was for, as leads have it.")
    static let amount = Key(
        "amount",
        .scalar(
            .form("amount", pattern: "^[0-9]{1,13}(\\.[0-9]{1,3})?$"), "a plain number such as 12000000 or 99.50",
            parse: { Amount($0) }), required: true, example: "amount: 12000000",
        "How much, as a plain number without signs between its digits.")

    static let spec = MappingSpec("a cost", keys: [month.spec, source.spec, amount.spec])

    static func build(_ group: MappingReader) -> ReportPolicy.Cost? {
        let month = group.value(month)
        let source = group.value(source)
        let amount = group.value(amount)
        guard let month, let amount, source != nil || !group.has(Self.source) else { return nil }
        return ReportPolicy.Cost(month: month, source: source?.lowercased(), amount: amount)
    }
}

extension ValueKind where Value == [String: Condition] {
    /// Names, each with a condition on attributes.
    static let segments = ValueKind(shape: .map(.condition, names: Pattern.name)) { node, key, reading in
        guard !node.isUnreadable else { return nil }
        guard case .mapping(let entries) = node.content else {
            reading.refuse(node, key, "a group of segments", hint: "Write it as in `\(key.example)`.")
            return nil
        }
        guard entries.count <= ReportPolicy.mostSegments else {
            reading.error(
                at: node.place, "\(entries.count) segments, and \(ReportPolicy.mostSegments) is the limit",
                hint: "Take some out: every report is one table with a line for each.")
            return nil
        }
        var segments: [String: Condition] = [:]
        for entry in entries {
            guard Naming.isName(entry.key) else {
                reading.error(
                    at: entry.keyPlace, "\(quoted(entry.key)) cannot be the name of a segment",
                    hint: Naming.suggestion(for: entry.key).map { "Write `\($0)`." }
                        ?? "Use lower-case letters, digits and hyphens, such as `enterprise`.")
                continue
            }
            let spec = Key(
                entry.key, ValueKind<Condition>.condition, example: "\(entry.key): { employees: { at_least: 100 } }", ""
            ).spec
            guard let condition = ValueKind<Condition>.condition.read(entry.value, spec, reading) else { continue }
            guard condition.isOfAttributes else {
                reading.error(
                    at: entry.value.place, "a segment is who a lead is: its condition asks for attributes alone",
                    hint: "Take away `did`, `stage`, points, `in` and `ago`.")
                continue
            }
            segments[entry.key] = condition
        }
        return segments
    }
}
