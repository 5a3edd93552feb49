import DripCore
import DripMessages
import Foundation
import Testing

/// Dates, numbers and amounts, as readers of Indonesian and of English see them.
@Suite struct FormatTests {
    private func zone(_ name: String?) throws -> Zone {
        guard let name else { return .utc }
        return try Zone(name: name, tzif: Array(try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/" + name))))
    }

    /// What a subject shows; nil where the message waits for the value.
    private func shown(
        _ filter: String, _ value: AttributeValue?, locale: String?, zone name: String? = nil, path: String = "a/m.md"
    ) throws -> String? {
        let message = try compiled(subject: "{{ lead.x | \(filter) }}", body: "Text", path: path)
        let values = value.map { ["x": $0] } ?? [:]
        let context = try context(values, locale: locale, zone: zone(name))
        let missing = message.missingVariables(in: context)
        if missing.isEmpty { return try message.render(context).subject }
        #expect(missing == ["lead.x | \(filter.prefix { $0 != ":" })"])
        #expect(throws: RenderFailure.missing(missing)) { try message.render(context) }
        return nil
    }

    private static let dates: [(filter: String, date: String, id: String, en: String)] = [
        ("date", "2026-12-01", "1 Desember 2026", "1 December 2026"),
        ("date: \"long\"", "2026-01-31", "31 Januari 2026", "31 January 2026"),
        ("date: \"full\"", "2026-12-01", "Selasa, 1 Desember 2026", "Tuesday, 1 December 2026"),
        ("date: \"short\"", "2026-08-17", "17 Agu 2026", "17 Aug 2026"),
        ("date: \"short\"", "2026-05-02", "2 Mei 2026", "2 May 2026"),
        ("date: \"short\"", "2026-10-28", "28 Okt 2026", "28 Oct 2026"),
        ("date: \"day\"", "2026-03-31", "31 Maret", "31 March"),
        ("date: \"weekday\"", "2026-11-27", "Jumat", "Friday"),
        ("date: \"weekday\"", "2026-11-29", "Minggu", "Sunday"),
        ("date", " 2028-02-29 ", "29 Februari 2028", "29 February 2028"),
        ("date: \"full\"", "2000-02-29", "Selasa, 29 Februari 2000", "Tuesday, 29 February 2000"),
        ("date: \"full\"", "1900-01-01", "Senin, 1 Januari 1900", "Monday, 1 January 1900"),
        ("date: \"full\"", "2999-12-31", "Selasa, 31 Desember 2999", "Tuesday, 31 December 2999"),
        ("date", "2026-12-01T09:00:00Z", "1 Desember 2026", "1 December 2026"),
        ("date: \"time\"", "2026-12-01T09:05:59Z", "09.05", "09:05"),
    ]

    @Test(arguments: dates)
    func datesAreWrittenOut(filter: String, date: String, id: String, en: String) throws {
        #expect(try shown(filter, .text(date), locale: "id") == id)
        #expect(try shown(filter, .text(date), locale: "id-id") == id)
        #expect(try shown(filter, .text(date), locale: "en-au") == en)
        #expect(try shown(filter, .text(date), locale: "fr") == en)
        #expect(try shown(filter, .text(date), locale: nil) == en)
    }

    @Test func everyMonthAndWeekdayHasItsName() throws {
        let months = [
            "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
            "November", "Desember",
        ]
        for (index, month) in months.enumerated() {
            let date = "2026-\(index < 9 ? "0" : "")\(index + 1)-01"
            #expect(try shown("date: \"day\"", .text(date), locale: "id") == "1 \(month)")
            let short = month == "Agustus" ? "Agu" : String(month.prefix(3))
            #expect(try shown("date: \"short\"", .text(date), locale: "id") == "1 \(short) 2026")
        }
        for (index, day) in ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"].enumerated() {
            #expect(try shown("date: \"weekday\"", .text("2026-06-0\(index + 1)"), locale: "id") == day)
        }
    }

    @Test(arguments: [
        ("2026-12-01T20:30:00Z", "Wednesday, 2 December 2026", "03:30", "Tuesday, 1 December 2026", "15:30"),
        ("2026-12-31T17:00:00Z", "Friday, 1 January 2027", "00:00", "Thursday, 31 December 2026", "12:00"),
        // New York is on summer time.
        ("2026-07-01T03:59:00Z", "Wednesday, 1 July 2026", "10:59", "Tuesday, 30 June 2026", "23:59"),
    ])
    func instantsAreShownInTheLeadsZone(
        instant: String, jakarta: String, jakartaTime: String, newYork: String, newYorkTime: String
    ) throws {
        for (zone, date, time) in [
            ("Asia/Jakarta", jakarta, jakartaTime), ("America/New_York", newYork, newYorkTime),
        ] {
            #expect(try shown("date: \"full\"", .text(instant), locale: "en", zone: zone) == date)
            #expect(try shown("date: \"time\"", .text(instant), locale: "en", zone: zone) == time)
            #expect(try shown("date", .text("2026-12-01"), locale: "en", zone: zone) == "1 December 2026")
        }
    }

    @Test(arguments: [
        ("date", AttributeValue.text("2027-02-29")), ("date", .text("2026-04-31")), ("date", .text("1899-12-31")),
        ("date", .text("3000-01-01")), ("date", .text("1 December 2026")), ("date", .text("01/12/2026")),
        ("date", .text("soon")), ("date", .text("")), ("date", .number(20_261_201)), ("date", .flag(true)),
        ("date: \"time\"", .text("2026-12-01")), ("number", .text("1,250")), ("number", .text("1.250.000")),
        ("number", .text("1e5")), ("number", .text("0x1F")), ("number", .text("inf")), ("number", .text("nan")),
        ("number", .text("+5")), ("number", .text("-")), ("number", .text(".5")), ("number", .text("5.")),
        ("number", .text("١٢")), ("number", .text("5 000")), ("number", .text("Rp 5")), ("number", .flag(false)),
        ("number", .number(.infinity)), ("number", .number(.nan)), ("number", .number(1e15)),
        ("number", .text("1000000000000000")), ("number", .text(String(repeating: "1", count: 70))),
        ("money: \"IDR\"", .text("Rp1.250.000")), ("money: \"USD\"", .text("$49")),
    ])
    func whatIsNoneIsMissing(filter: String, value: AttributeValue) throws {
        #expect(try shown(filter, value, locale: "id") == nil)
        #expect(try shown("\(filter) | default: \"soon\"", value, locale: "id") == "soon")
        #expect(try shown(filter, nil, locale: "id") == nil)
    }

    private static let numbers: [(filter: String, value: AttributeValue, id: String, en: String)] = [
        ("number", .number(0), "0", "0"), ("number", .text("-0"), "0", "0"), ("number", .text("0.00"), "0", "0"),
        ("number", .number(-0.0), "0", "0"), ("number", .number(7), "7", "7"), ("number", .text("007"), "7", "7"),
        ("number", .number(999), "999", "999"), ("number", .number(1_000), "1.000", "1,000"),
        ("number", .text(" 12345 "), "12.345", "12,345"), ("number", .text("1250000.50"), "1.250.000,5", "1,250,000.5"),
        ("number", .number(-1_234.5), "-1.234,5", "-1,234.5"), ("number", .number(0.1), "0,1", "0.1"),
        ("number", .number(-999_999), "-999.999", "-999,999"), ("number", .number(1e-7), "0", "0"),
        ("number", .number(.leastNonzeroMagnitude), "0", "0"), ("number", .text("0.123456789"), "0,123457", "0.123457"),
        ("number", .number(999_999_999_999_999), "999.999.999.999.999", "999,999,999,999,999"),
        ("number", .text("999999999999999.999999"), "999.999.999.999.999,999999", "999,999,999,999,999.999999"),
        ("number: 0", .text("0.5"), "1", "1"), ("number: 0", .text("-0.4"), "0", "0"),
        ("number: 0", .text("-0.5"), "-1", "-1"), ("number: 0", .text("9.5"), "10", "10"),
        ("number: 2", .text("999.995"), "1.000,00", "1,000.00"), ("number: 2", .number(2.675), "2,68", "2.68"),
        ("number: 2", .number(5), "5,00", "5.00"), ("number: 1", .text("0.04"), "0,0", "0.0"),
        ("money: \"IDR\"", .text("1250000"), "Rp1.250.000", "IDR 1,250,000"),
        ("money: \"IDR\"", .number(-500), "-Rp500", "-IDR 500"), ("money: \"IDR\"", .number(0), "Rp0", "IDR 0"),
        ("money: \"IDR\"", .text("1250.5"), "Rp1.250,50", "IDR 1,250.50"),
        ("money: \"USD\"", .number(49), "US$49", "US$49"), ("money: \"USD\"", .number(-49.5), "-US$49,50", "-US$49.50"),
        ("money: \"USD\"", .text("0.999"), "US$1", "US$1"),
        ("money: \"EUR\"", .number(1_049.9), "€1.049,90", "€1,049.90"),
        ("money: \"GBP\"", .number(0.05), "£0,05", "£0.05"),
        ("money: \"JPY\"", .text("1250.5"), "JPY 1.251", "JPY 1,251"),
        ("money: \"KWD\"", .number(1.5), "KWD 1,500", "KWD 1.500"), ("money: \"SGD\"", .number(80), "S$80", "S$80"),
    ]

    @Test(arguments: numbers)
    func numbersAreWrittenOut(filter: String, value: AttributeValue, id: String, en: String) throws {
        #expect(try shown(filter, value, locale: "id") == id)
        #expect(try shown(filter, value, locale: "en") == en)
        #expect(try shown(filter, value, locale: nil) == en)
    }

    /// A text and the number that it says are shown alike, and every digit of it is there.
    @Test(arguments: 0..<300 as Range<UInt64>)
    func aNumberKeepsItsDigits(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let whole = (0..<(1 + random.below(12))).map { _ in String(random.below(10)) }.joined()
        let fraction = (0..<random.below(4)).map { _ in String(random.below(10)) }.joined()
        let text = (random.below(2) == 0 ? "" : "-") + whole + (fraction.isEmpty ? "" : "." + fraction)
        let shownText = try shown("number", .text(text), locale: "en")
        #expect(shownText.flatMap { Double($0.filter { $0 != "," }) } == Double(text), "seed \(seed)")
        #expect(try shown("number", .number(Double(text) ?? .nan), locale: "en") == shownText, "seed \(seed)")
        let indonesian = shownText.map { String($0.map { $0 == "," ? "." : $0 == "." ? "," : $0 }) }
        #expect(try shown("number", .text(text), locale: "id") == indonesian, "seed \(seed)")
    }

    /// The file's own language goes before the lead's: nobody reads `Desember` in an English text.
    @Test func theFileSaysTheLanguage() throws {
        let date = AttributeValue.text("2026-12-01")
        #expect(try shown("date", date, locale: "en", path: "a/m.id.md") == "1 Desember 2026")
        #expect(try shown("date", date, locale: nil, path: "a/m.id.md") == "1 Desember 2026")
        #expect(try shown("date", date, locale: "id", path: "a/m.en.md") == "1 December 2026")
        #expect(try shown("date", date, locale: "id", path: "a/m.fr.md") == "1 December 2026")
    }

    @Test(arguments: [
        // A default in front of the format stands in for what it cannot read, and is written out like it.
        ("{{ lead.x | default: \"2026-12-24\" | date: \"day\" }}", "soon", "24 December"),
        ("{{ lead.x | default: \"2026-12-24\" | date: \"day\" }}", "2026-12-25", "25 December"),
        ("{{ lead.x | default: lead.y | default: \"2026-12-24\" | date: \"day\" }}", "", "30 November"),
        ("{{ lead.x | date: \"day\" | default: \"soon\" }}", "tomorrow", "soon"),
        ("{{ lead.x | date: \"day\" | upcase }}", "2026-12-25", "25 DECEMBER"),
        ("{{ lead.x | date | truncate: 5, \"…\" }}", "2026-12-25", "25 D…"),
        ("{{ 1250 | number }} {{ \"2026-12-01\" | date: \"day\" }}", "", "1,250 1 December"),
    ])
    func formatsAndDefaultsWorkTogether(template: String, value: String, expected: String) throws {
        let message = try compiled(subject: template, body: "Text")
        let rendered = try message.render(context(["x": .text(value), "y": .text("2026-11-30")]))
        #expect(rendered.subject == expected)
    }

    @Test(arguments: [
        (
            "{{ lead.x | date: \"longish\" }}",
            "6:19: error: there is no form \"longish\" of a date. Did you mean \"long\"?"
        ),
        (
            "{{ lead.x | date: \"%d %B\" }}",
            "The forms are \"long\", \"full\", \"short\", \"day\", \"weekday\", \"time\"."
        ),
        ("{{ lead.x | date: 3 }}", "6:19: error: the form of a date is a text"),
        ("{{ lead.x | number: 7 }}", "6:21: error: number takes a whole number of decimals from 0 to 6"),
        ("{{ lead.x | number: 1.5 }}", "number takes a whole number of decimals"),
        ("{{ lead.x | money }}", "6:13: error: money needs a colon and a value. Write money: \"IDR\"."),
        ("{{ lead.x | money: \"IRD\" }}", "6:20: error: unknown currency \"IRD\". Did you mean \"IDR\"?"),
        ("{{ lead.x | money: \"idr\" }}", "unknown currency \"idr\". Did you mean \"IDR\"?"),
        ("{{ lead.x | money: IDR }}", "6:20: error: the currency of money is a code of three letters"),
        ("{{ lead.x | numbr }}", "6:13: error: there is no filter \"numbr\". Did you mean number?"),
        (
            "{{ lead.x | upcase | date }}",
            "6:22: error: date cannot read what another filter has changed. Put date first"
        ),
        ("{{ lead.x | date | number }}", "6:20: error: date has written the value out already"),
        ("{{ lead.x | default: \"soon\" | date }}", "6:4: error: \"soon\" is not a date such as 2026-12-01"),
        ("{{ lead.x | default: 5 | date: \"time\" }}", "\"5\" is not an instant such as 2026-12-01T09:00:00Z"),
        ("{{ \"2027-02-29\" | date }}", "\"2027-02-29\" is not a date"),
        ("{{ campaign.name | date }}", "6:4: error: campaign.name is never a date"),
        ("{{ lead.key | number }}", "lead.key is never a number"),
        ("{{ lead.x | default: step.id | number }}", "step.id is never a number"),
    ])
    func mistakesAreFound(body: String, expected: String) {
        let compilation = compile(body: body)
        #expect(compilation.message == nil)
        let found = compilation.diagnostics.map(\.description)
        #expect(found.contains { $0.contains(expected) }, "\(found)")
    }
}
