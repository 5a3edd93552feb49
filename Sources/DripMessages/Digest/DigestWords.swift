import DripCore

/// What a digest says, in the language of whoever reads it.
struct DigestWords {
    let language: Language

    private func pick(_ english: String, _ indonesian: String) -> String {
        language == .indonesian ? indonesian : english
    }

    private func counted(_ count: Int, _ one: String, _ many: String, _ indonesian: String) -> String {
        "\(number(count)) \(language == .indonesian ? indonesian : count == 1 ? one : many)"
    }

    var code: String { pick("en", "id") }

    // MARK: Words

    var title: String { pick("Weekly digest", "Ringkasan mingguan") }
    func compared(_ week: String, _ before: String, _ zone: String) -> String {
        pick(
            "\(week), compared with \(before). Days of \(zone).",
            "\(week), dibandingkan dengan \(before). Hari menurut \(zone).")
    }
    func newLeads(_ n: Int) -> String { counted(n, "new lead", "new leads", "prospek baru") }
    func newCustomers(_ n: Int) -> String { counted(n, "new customer", "new customers", "pelanggan baru") }
    func overdue(_ n: Int) -> String { counted(n, "overdue", "overdue", "terlambat") }

    var what: String { pick("what", "apa") }
    var change: String { pick("change", "perubahan") }
    var points: String { pick("pts", "poin") }

    var leads: String { pick("Leads", "Prospek") }
    var leadRows: [String] {
        language == .indonesian
            ? ["Prospek baru", "MQL baru", "SQL baru", "Pelanggan baru"]
            : ["New leads", "New MQLs", "New SQLs", "New customers"]
    }
    var rateRows: [String] {
        language == .indonesian
            ? ["Prospek → MQL", "MQL → SQL", "SQL → pelanggan", "Prospek → pelanggan"]
            : ["Lead → MQL", "MQL → SQL", "SQL → customer", "Lead → customer"]
    }
    var rateNote: String {
        pick(
            "A rate is of those who began in the week, by its end.",
            "Rasio dihitung dari yang memulai pada minggu itu, sampai akhir minggu itu.")
    }

    var mails: String { pick("E-mails", "Email") }
    var mailRows: [String] {
        language == .indonesian ? ["Diterima", "Dibuka", "Diklik"] : ["Accepted", "Opened", "Clicked"]
    }
    var mailNote: String {
        pick(
            "Opens and clicks count until now: those of the later week have had less time.",
            "Pembukaan dan klik dihitung sampai sekarang: minggu yang lebih baru belum selama itu.")
    }

    var amounts: String { pick("Amounts", "Nilai") }
    var pipeline: String { "Pipeline" }
    var won: String { pick("Won", "Dimenangkan") }
    var deals: String { pick("deals", "transaksi") }
    func costOf(_ month: String) -> String {
        pick("Cost, the whole of \(month)", "Biaya selama \(month)")
    }

    var sales: String { pick("Sales: what was promised", "Penjualan: janji dan tenggat") }
    var salesNote: String {
        pick(
            "Leads count in the week in which they were given, with what became of them until now.",
            "Prospek dihitung pada minggu diserahkannya, dengan hasilnya sampai sekarang.")
    }
    func late(_ accepting: Int, _ followingUp: Int) -> String {
        let parts = [
            accepting > 0 ? counted(accepting, "not answered", "not answered", "belum dijawab") : nil,
            followingUp > 0 ? counted(followingUp, "not followed up", "not followed up", "belum dihubungi") : nil,
        ].compactMap(\.self)
        guard !parts.isEmpty else { return pick("nothing overdue", "tidak ada yang terlambat") }
        return pick("OVERDUE NOW: ", "TERLAMBAT SEKARANG: ") + parts.joined(separator: ", ")
    }
    /// In the order of `DigestTable.rows(of:_:)`.
    var ownerRows: [String] {
        language == .indonesian
            ? [
                "Diserahkan", "Diterima tepat waktu", "Diterima terlambat", "Ditolak", "Dialihkan", "Belum dijawab",
                "Janji ditepati", "Dihubungi tepat waktu", "Dihubungi terlambat", "Dikembalikan",
                "Tindak lanjut ditepati",
            ]
            : [
                "Given", "Accepted in time", "Accepted late", "Rejected", "Taken away", "Not answered yet",
                "Accepting kept", "Followed up in time", "Followed up late", "Given back", "Follow-ups kept",
            ]
    }

    var footer: String {
        pick(
            "What each number means stands in docs/reports.md of dripd. This goes to whom `report: digest: to` in policy.yaml names.",
            "Arti setiap angka ada di docs/reports.md dripd. Surel ini dikirim kepada yang tercantum pada `report: digest: to` "
                + "di policy.yaml.")
    }

    // MARK: Numbers and dates

    func number(_ count: Int) -> String {
        DecimalNumber(.text(String(count)))?.text(in: language) ?? String(count)
    }

    func money(_ amount: Amount, _ currency: String?) -> String {
        guard let number = DecimalNumber(.text(amount.description)) else { return amount.description }
        guard let currency else { return number.text(in: language) }
        return Currency(rawValue: currency)?.text(of: number, in: language)
            ?? "\(currency) \(number.text(in: language))"
    }

    /// `14.5% (18 of 124)`.
    func rate(_ rate: Rate) -> String {
        guard let perMille = rate.perMille else { return "–" }
        return "\(tenths(perMille))% (\(number(rate.count)) \(pick("of", "dari")) \(number(rate.of)))"
    }

    private func tenths(_ number: Int) -> String { "\(self.number(number / 10))\(language.signs.point)\(number % 10)" }

    func change(_ now: Int, _ before: Int) -> String { signed(now - before) { number($0) } }

    func change(_ now: Amount, _ before: Amount, _ currency: String?) -> String {
        signed(Int(now.thousandths - before.thousandths)) { money(Amount(thousandths: Int64($0)), currency) }
    }

    /// Between the percentages as they are shown, so that a reader can count it again.
    func change(_ now: Rate, _ before: Rate) -> String {
        guard let now = now.perMille, let before = before.perMille else { return "–" }
        return signed(now - before) { "\(tenths($0)) \(points)" }
    }

    private func signed(_ difference: Int, _ text: (Int) -> String) -> String {
        difference == 0 ? "=" : (difference < 0 ? "−" : "+") + text(abs(difference))
    }

    func month(_ month: Month) -> String {
        guard let first = month.first else { return month.description }
        return "\(language.months[first.month - 1]) \(first.year)"
    }

    /// `16–22 November 2026`, `30 November – 6 December 2026`, `28 December 2026 – 3 January 2027`.
    func days(_ first: LocalDate, _ last: LocalDate) -> String { days(first, last, language.months, hasYear: true) }

    /// `16–22 Nov`, for the head of a column.
    func shortDays(_ week: DigestReport.Week) -> String {
        days(week.first, week.last, language.shortMonths, hasYear: false)
    }

    private func days(_ first: LocalDate, _ last: LocalDate, _ months: [String], hasYear: Bool) -> String {
        let (a, b) = (first.civil, last.civil)
        let end = "\(b.day) \(months[b.month - 1])" + (hasYear ? " \(b.year)" : "")
        if a.year == b.year, a.month == b.month { return "\(a.day)–\(end)" }
        return "\(a.day) \(months[a.month - 1])" + (hasYear && a.year != b.year ? " \(a.year)" : "") + " – \(end)"
    }
}
