import DripCore

/// What the page of a lead says to sales.
extension PageWords {
    private func pick(_ english: String, _ indonesian: String) -> String { code == "id" ? indonesian : english }

    var handoverTitle: String { pick("A lead", "Prospek") }
    var handoverGone: String { pick("This lead is not there any more.", "Prospek ini sudah tidak ada.") }

    var handoverGivenBack: String {
        pick(
            "You gave this lead back; your reason is noted.",
            "Prospek ini sudah Anda kembalikan; alasannya sudah dicatat.")
    }

    func handoverOfAnother(_ name: String) -> String {
        name.isEmpty
            ? pick("This lead is not yours any more.", "Prospek ini bukan lagi milik Anda.")
            : pick("\(name) has this lead now.", "Prospek ini sekarang ditangani \(name).")
    }

    var handoverOwner: String { pick("Given to", "Ditangani") }
    var handoverStage: String { pick("Stage", "Tahap") }
    var handoverScore: String { pick("Score", "Skor") }
    var handoverAcceptBy: String { pick("To be accepted by", "Diterima paling lambat") }
    var handoverFollowUpBy: String { pick("To be followed up by", "Dihubungi paling lambat") }
    var handoverAccept: String { pick("I take it on", "Saya terima") }
    var handoverReject: String { pick("Give it back", "Kembalikan") }
    var handoverReason: String { pick("Why it is not ready", "Alasan belum siap") }
    var handoverReasonMissing: String {
        pick("Nothing was changed: please say why.", "Belum ada yang diubah: mohon isi alasannya.")
    }
    var handoverFollowUp: String { pick("I have followed up", "Sudah saya hubungi") }
    var handoverFacts: String { pick("What we know", "Yang kita ketahui") }
    var handoverHistory: String { pick("What happened", "Yang sudah terjadi") }

    /// What came of a button; nil where none was pressed.
    func handoverSaid(_ state: Handoff.State?, after action: HandoverRequest.Action) -> String? {
        switch (action, state) {
        case (.look, _): nil
        case (.accept, .accepted?), (.accept, .followedUp?):
            pick("It is yours. Good luck!", "Prospek ini milik Anda. Semoga sukses!")
        case (.followUp, .followedUp?): pick("Noted. Thank you.", "Sudah dicatat. Terima kasih.")
        default: pick("Nothing was changed: see where it stands.", "Belum ada yang diubah: lihat statusnya.")
        }
    }
}
