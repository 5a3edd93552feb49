import DripCore
import DripMessages

// What the pages of sign-up forms say beside the words of the form itself.

extension PageWords {
    private func tell(_ english: String, _ indonesian: String) -> String {
        language == .indonesian ? indonesian : english
    }

    var emailLabel: String { tell("E-mail address", "Alamat email") }
    var needed: String { tell("(needed)", "(wajib)") }
    var pleaseChoose: String { tell("Please choose", "Silakan pilih") }
    var consentLegend: String { tell("Your consent", "Persetujuan Anda") }
    var leaveEmpty: String { tell("Leave this empty", "Kosongkan kolom ini") }
    var signUpButton: String { tell("Sign up", "Daftar") }

    func from(_ sender: String) -> String { tell("A form of \(sender).", "Formulir dari \(sender).") }

    // MARK: Mistakes

    var mistakes: String {
        tell(
            "Something is missing: please look at what is marked below.",
            "Ada yang belum lengkap: lihat yang ditandai di bawah.")
    }

    func said(of mistake: FormMistake) -> String {
        switch mistake.kind {
        case .missing:
            mistake.field == SignUpForm.consentField
                ? tell("Tick this box to go on.", "Centang kotak ini untuk melanjutkan.")
                : tell("Please fill this in.", "Mohon diisi.")
        case .badAddress:
            tell(
                "This is no e-mail address: it looks like name@example.com.",
                "Ini bukan alamat email: contohnya nama@example.com.")
        case .unknownChoice: tell("Please choose one of the list.", "Pilih salah satu dari daftar.")
        case .unusable:
            tell("Please write this on one line, and shorter.", "Tulis dalam satu baris, dan lebih singkat.")
        }
    }

    // MARK: Afterwards

    var thanksTitle: String { tell("Thank you", "Terima kasih") }

    func thanks(_ sender: String) -> String {
        tell("\(sender) has what you sent.", "\(sender) sudah menerima data Anda.")
    }

    var magnet: String { tell("Open what you asked for", "Buka yang Anda minta") }

    var askedTitle: String { tell("Please look into your mailbox", "Silakan periksa email Anda") }

    func asked(_ sender: String) -> String {
        tell(
            "\(sender) has sent a message to the address that you gave. Follow the link in it to confirm that it was you: "
                + "only then does anything else come. If nothing arrives, look among unwanted mail, or try again in an hour.",
            "\(sender) sudah mengirim pesan ke alamat yang Anda isi. Ikuti tautan di dalamnya untuk memastikan bahwa itu "
                + "memang Anda: setelah itu barulah yang lain dikirim. Bila tidak ada yang masuk, periksa folder spam, atau "
                + "coba lagi satu jam lagi.")
    }

    // MARK: Confirming

    var confirmTitle: String { tell("Was this you?", "Apakah ini Anda?") }

    func confirmQuestion(_ title: String, _ address: String, _ sender: String) -> String {
        let subject = title.isEmpty ? "" : tell(" (\(title))", " (\(title))")
        return tell(
            "Somebody signed up at \(sender)\(subject) with \(address), and agreed to this:",
            "Seseorang mendaftar di \(sender)\(subject) dengan \(address), dan menyetujui ini:")
    }

    var filledIn: String {
        tell(
            "This was filled in, and is kept once you say yes:",
            "Ini yang diisi, dan akan disimpan setelah Anda setuju:")
    }

    var confirmButton: String { tell("Yes, that was me", "Ya, itu saya") }

    func notMe(_ sender: String) -> String {
        tell(
            "If it was not you, do nothing: \(sender) does not write to you then.",
            "Bila bukan Anda, abaikan saja: \(sender) tidak akan mengirim apa-apa.")
    }
}
