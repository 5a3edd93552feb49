// The languages in which values are written out.
//
// The rule: a value is written in the language of the message's file (`welcome.id.md`), else in the lead's, else in
// English; a language that no table here knows is English. The tables are our own: those of the system or of Foundation
// differ from machine to machine, and the same files must make the same message everywhere.
// Edge cases: only the first part of a tag counts (`id-ID` is Indonesian, `en-AU` English); its case does not.
// Source for the words and separators: Unicode CLDR 45, `id` and `en`; for `Rp1.250.000` Indonesia's EYD V, III.

/// A language with tables for dates and numbers.
package enum Language: Hashable, Sendable, CaseIterable {
    case english, indonesian

    /// `tag` is a BCP 47 tag, or nil where none is known.
    package init(tag: String?) {
        let isIndonesian = tag?.prefix { $0 != "-" }.lowercased() == "id"
        self = isIndonesian ? .indonesian : .english
    }

    /// From January on.
    package var months: [String] { self == .indonesian ? Self.indonesianMonths : Self.englishMonths }

    /// The same, cut to three letters.
    var shortMonths: [String] { self == .indonesian ? Self.shortIndonesianMonths : Self.shortEnglishMonths }

    /// From Monday on.
    var weekdays: [String] { self == .indonesian ? Self.indonesianWeekdays : Self.englishWeekdays }

    /// Between the digits of a thousand, before a fraction, and between hours and minutes.
    var signs: (group: String, point: String, clock: String) {
        self == .indonesian ? (".", ",", ".") : (",", ".", ":")
    }

    // Made once: a list of its own for each value would cost more than the rest of the value.
    private static let englishMonths = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let indonesianMonths = [
        "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
        "Desember",
    ]
    private static let shortEnglishMonths = englishMonths.map { String($0.prefix(3)) }
    private static let shortIndonesianMonths = [
        "Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des",
    ]
    private static let englishWeekdays = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]
    private static let indonesianWeekdays = ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]
}
