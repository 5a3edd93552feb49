import DripCore
import DripMessages

/// What the public pages say, in the reader's language.
struct PageWords: Sendable {
    let language: Language

    private func say(_ english: String, _ indonesian: String) -> String {
        language == .indonesian ? indonesian : english
    }

    var code: String { say("en", "id") }

    func date(_ date: LocalDate) -> String { "\(date.day) \(language.months[date.month - 1]) \(date.year)" }

    // MARK: Unsubscribing

    var unsubscribeTitle: String { say("Unsubscribe", "Berhenti berlangganan") }

    func unsubscribeQuestion(_ address: String, _ sender: String) -> String {
        address.isEmpty
            ? say("Shall \(sender) stop writing to you?", "Berhenti menerima pesan dari \(sender)?")
            : say(
                "Shall \(sender) stop writing to \(address)?", "Berhenti mengirim pesan dari \(sender) ke \(address)?")
    }

    var unsubscribeButton: String { say("Yes, unsubscribe me", "Ya, berhenti berlangganan") }

    var chooseInstead: String { say("Choose what you get instead", "Pilih saja yang ingin Anda terima") }

    var doneTitle: String { say("You are unsubscribed", "Anda sudah berhenti berlangganan") }

    func done(_ sender: String) -> String {
        say(
            "\(sender) will send you no more of these messages. What is already on its way may still arrive; receipts "
                + "and messages of that kind still come.",
            "\(sender) tidak akan mengirim pesan seperti ini lagi. Pesan yang sedang dalam perjalanan mungkin masih "
                + "tiba; bukti transaksi dan sejenisnya tetap dikirim.")
    }

    var mistake: String { say("That was a mistake?", "Tidak sengaja?") }

    var subscribeButton: String { say("Subscribe me again", "Berlangganan lagi") }

    // MARK: Preferences

    var preferencesTitle: String { say("What you get", "Yang Anda terima") }

    func preferencesIntroduction(_ address: String, _ sender: String) -> String {
        say("Messages from \(sender) to \(address).", "Pesan dari \(sender) ke \(address).")
    }

    var topics: String { say("Write to me about", "Kirimi saya pesan tentang") }

    var saveButton: String { say("Save", "Simpan") }

    var saved: String { say("Saved.", "Tersimpan.") }

    var pauseTitle: String { say("Not now", "Jangan dulu") }

    var pauseIntroduction: String {
        say("Leave me alone for a while, then go on.", "Jangan kirim apa-apa dulu untuk sementara, lalu lanjutkan.")
    }

    func days(_ count: Int) -> String { say("\(count) days", "\(count) hari") }

    func paused(_ until: LocalDate) -> String {
        say("Nothing is sent until \(date(until)).", "Tidak ada yang dikirim sampai \(date(until)).")
    }

    var resumeButton: String { say("Go on now", "Lanjutkan sekarang") }

    var nothingTitle: String { say("Nothing at all", "Jangan sama sekali") }

    // MARK: What goes wrong

    var unknownTitle: String { say("This link does not work", "Tautan ini tidak berlaku") }

    var unknown: String {
        say(
            "It may have been cut when it was copied. Open it out of the message itself, or answer that message: a "
                + "person reads it.",
            "Mungkin terpotong saat disalin. Buka langsung dari pesannya, atau balas pesan itu: ada orang yang membacanya."
        )
    }

    var unreadableTitle: String { say("This could not be read", "Ini tidak bisa dibaca") }

    var unreadable: String {
        say(
            "Nothing was changed. Please go back, load the page again, and send the form as it is.",
            "Belum ada yang diubah. Silakan kembali, muat ulang halamannya, lalu kirim formulirnya apa adanya.")
    }

    var busyTitle: String { say("Please try again in a minute", "Silakan coba lagi sebentar lagi") }

    var busy: String {
        say(
            "Nothing was changed: this cannot be done just now.",
            "Belum ada yang diubah: saat ini belum bisa dilakukan.")
    }

    var tooOften: String {
        say("There were too many attempts from where you are.", "Terlalu banyak percobaan dari tempat Anda.")
    }
}

extension PageWords {
    /// The lead's language, else the first that the browser asks for and a page has.
    init(locale: String?, acceptLanguage: String?) {
        let asked = acceptLanguage?.split(separator: ",").first.map { String($0.prefix { $0 != ";" }) }
        self.init(language: Language(tag: locale ?? asked))
    }
}
